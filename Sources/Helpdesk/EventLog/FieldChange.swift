public import Codec
public import Domain

/// A field that changed, from what to what. Values are as the API shows them.
public struct FieldChange: Sendable, Equatable {
    public let field: String
    public let from: JSONValue
    public let to: JSONValue

    public init(_ field: String, from: JSONValue, to: JSONValue) {
        self.field = field
        self.from = from
        self.to = to
    }

    /// Whether it is of a text that may be long, which is kept beside the changes and not in them.
    var isOfLongText: Bool { field.equals("content") || field.equals("description") }

    /// How changes are kept: an object of `{"from":…,"to":…}` by field, without long texts.
    static func stored(_ changes: [FieldChange]) -> String {
        if changes.isEmpty { return "{}" }
        let members = changes.map { change in
            JSONValue.Member(
                change.field, .object(change.isOfLongText ? [] : [.init("from", change.from), .init("to", change.to)]))
        }
        return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }

    /// Reads what `stored` wrote; nil when it is nothing of the kind.
    static func read(_ bytes: UnsafeRawBufferPointer) -> [FieldChange]? {
        guard case .object(let members)? = try? JSONValue(parsing: bytes, ours: true) else { return nil }
        return members.map { FieldChange($0.name, from: $0.value["from"] ?? .null, to: $0.value["to"] ?? .null) }
    }
}

/// Gathers what differs between before and after.
struct FieldChanges {
    private(set) var list: [FieldChange] = []

    mutating func note(_ field: String, _ from: JSONValue, _ to: JSONValue) {
        if from != to { list.append(FieldChange(field, from: from, to: to)) }
    }

    mutating func note(_ field: String, _ from: String?, _ to: String?) { note(field, .optional(from), .optional(to)) }
    mutating func note(_ field: String, _ from: Bool, _ to: Bool) { note(field, .bool(from), .bool(to)) }

    /// Somebody, by id.
    mutating func note(_ field: String, _ from: Party?, _ to: Party?) {
        if from?.id != to?.id { list.append(FieldChange(field, from: .known(from), to: .known(to))) }
    }
}

extension JSONValue {
    static func moment(_ moment: Moment) -> JSONValue { .text(Timestamp(milliseconds: Int64(moment.milliseconds)).description) }

    static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }
}

extension Identifier {
    /// As it is written.
    public var text: String { UUID(self).description }
}

extension UUID {
    public init<Kind>(_ id: Identifier<Kind>) { self.init(bits: id.bits) }

    public init(bits: UInt128) { self.init(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits)) }

    public var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }
}
