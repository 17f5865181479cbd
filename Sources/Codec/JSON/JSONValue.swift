/// JSON of any form, for the few places that keep what they do not know: an event's data, a token's claims.
///
/// Members keep their order. Reading refuses a name that comes twice: two readers of one token must not see two claims.
public indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([Member])

    public struct Member: Equatable, Sendable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The member of that name; nil when there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.hasSameBytes(as: name) }?.value
    }

    /// The string, when this is one.
    public var string: String? { if case .text(let text) = self { text } else { nil } }

    /// The whole number, when this is one.
    public var int: Int? { if case .integer(let integer) = self { integer } else { nil } }

    /// The number, whole or not, when this is one.
    public var double: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }

    /// The truth value, when this is one.
    public var isTrue: Bool? { if case .bool(let bool) = self { bool } else { nil } }

    /// The elements, when this is a list.
    public var elements: [JSONValue]? { if case .list(let elements) = self { elements } else { nil } }
}

extension JSONValue {
    /// The one value that `bytes` hold.
    ///
    /// - Parameter ours: whether we have written them ourselves.
    public init(parsing bytes: UnsafeRawBufferPointer, ours isOurs: Bool = false) throws(JSONFault) {
        var reader = JSONReader(bytes, ours: isOurs)
        self = try reader.readValue()
        try reader.finish()
    }

    /// The one value that `bytes` hold.
    ///
    /// - Parameter ours: whether we have written them ourselves.
    public init(parsing bytes: [UInt8], ours isOurs: Bool = false) throws(JSONFault) {
        self = try bytes.withBytes { (raw) throws(JSONFault) in try JSONValue(parsing: raw, ours: isOurs) }
    }

    /// The value as JSON.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finish()
    }
}

extension JSONReader {
    /// Takes the next value, whatever it is.
    public mutating func readValue() throws(JSONFault) -> JSONValue {
        switch try peek() {
        case .null:
            _ = try readNull()
            return .null
        case .bool: return .bool(try readBool())
        case .string: return .text(try readString())
        case .number:
            switch try readNumber() {
            case .integer(let integer): return .integer(integer)
            case .double(let double): return .number(double)
            }
        case .array:
            var elements: [JSONValue] = []
            try beginArray()
            while try nextElement() { elements.append(try readValue()) }
            return .list(elements)
        case .object: return .object(try readMembers())
        }
    }

    private mutating func readMembers() throws(JSONFault) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        var names: Set<ByteName> = []
        try beginObject()
        while let name = try nextByteName() {
            guard names.insert(name).inserted else { throw fault(.duplicateName) }
            members.append(.init(name.text, try readValue()))
        }
        return members
    }
}

extension JSONWriter {
    /// Writes a value of any form.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let bool): self.value(bool)
        case .integer(let integer): self.value(integer)
        case .number(let number): self.value(number)
        case .text(let text): self.value(text)
        case .list(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                key(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }
}
