/// What has one declared shape.
public protocol Shaped: Sendable {
    static var shape: Shape<Self> { get }
}

/// The declared shape of a body: it drives the body's reader, its writer, its faults and its OpenAPI schema.
///
///     struct TicketDraft: Shaped {
///         var title = "", tags: [String] = []
///         static let shape = Shape("TicketDraft", "What it takes to open a ticket", TicketDraft()) {
///             Field("title", \.title, .text(1...255), "One line that says what is wrong", also: ["subject"])
///             Field("tags", \.tags, .list(of: .text(1...50), atMost: 20), "Words to find it by", required: false)
///         }
///     }
public struct Shape<Root: Sendable>: Sendable {
    @usableFromInline let blank: Blank
    @usableFromInline let table: FieldTable

    /// What a body is read into; a field that is not given keeps what stands here. Boxed, so that a shape is cheap to hand around.
    @usableFromInline final class Blank: Sendable {
        @usableFromInline let value: Root
        @usableFromInline init(_ value: Root) { self.value = value }
    }

    /// - Parameter choices: groups of fields of each of which exactly one must be given, for the document: whoever reads a body checks that.
    public init(
        _ name: StaticString, _ summary: String, _ blank: Root, choices: [[StaticString]] = [],
        @FieldBuilder<Root> _ fields: () -> [Field<Root>]
    ) {
        self.blank = Blank(blank)
        table = FieldTable(name, summary, choices: choices, fields().map(\.code))
    }

    public var name: StaticString { table.name }

    /// A value of which nothing was read: for who knows that there is nothing to read.
    @inlinable public var empty: Root { blank.value }

    /// Name, sentence and fields, as OpenAPI tells them.
    public var outline: ShapeOutline { table.outline }

    /// A reference to this shape.
    public var schema: Schema { .shape { [table] in table.outline } }

    /// Writes a value as an object.
    @inlinable public func write(_ value: Root, to writer: inout JSONWriter) {
        withUnsafePointer(to: value) { table.write(UnsafeRawPointer($0), to: &writer) }
    }

    /// Reads a body. Throws everything that is wrong with it at once, or `json_invalid` alone when it is no JSON.
    @inlinable public func read(json bytes: UnsafeRawBufferPointer, unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        try read(bytes, ours: false, unknown)
    }

    /// Reads what we have written ourselves, and maybe wrote when other fields and texts were taken than today.
    @inlinable public func read(ours bytes: UnsafeRawBufferPointer) throws(Faults) -> Root { try read(bytes, ours: true, .ignored) }

    @inlinable func read(_ bytes: UnsafeRawBufferPointer, ours isOurs: Bool, _ unknown: Reading.Unknown) throws(Faults) -> Root {
        var value = blank.value
        // The pointers here and below do not leave the call, and `table` was made of fields of this very `Root`.
        let faults = withUnsafeMutablePointer(to: &value) {
            table.faults(json: bytes, ours: isOurs, into: UnsafeMutableRawPointer($0), unknown)
        }
        guard faults.isEmpty else { throw faults }
        return value
    }

    /// Reads a body; see `read(json:unknown:)`.
    public func read(json bytes: [UInt8], unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        try bytes.withBytes { (raw) throws(Faults) in try read(json: raw, unknown: unknown) }
    }

    /// Reads the fields of a form, decoded already. Throws everything that is wrong with them at once.
    public func read(form pairs: [(String, String)], unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        var value = blank.value
        let faults = withUnsafeMutablePointer(to: &value) { table.faults(form: pairs, into: UnsafeMutableRawPointer($0), unknown) }
        guard faults.isEmpty else { throw faults }
        return value
    }

    /// Reads the parameters of a query, decoded already: as a form.
    public func read(query pairs: [(String, String)], unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        try read(form: pairs, unknown: unknown)
    }

    /// Reads the next value; nil when it has faults, which were noted.
    @inlinable func read(_ reader: inout JSONReader, _ reading: inout Reading) throws(JSONFault) -> Root? {
        var value = blank.value
        let before = reading.faultCount
        let broken = withUnsafeMutablePointer(to: &value) { table.fill(UnsafeMutableRawPointer($0), from: &reader, &reading) }
        if let broken { throw broken }
        return reading.faultCount == before ? value : nil
    }
}

/// What makes JSON of values of ours.
public enum JSON {
    /// A value of a declared shape as JSON.
    @inlinable public static func bytes<Value: Shaped>(of value: Value) -> [UInt8] {
        var writer = JSONWriter()
        Value.shape.write(value, to: &writer)
        return writer.finish()
    }

    /// Values of a declared shape as a bare array.
    public static func bytes<Value: Shaped>(of values: [Value]) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + values.count * 256)
        writer.beginArray()
        for value in values { Value.shape.write(value, to: &writer) }
        writer.endArray()
        return writer.finish()
    }
}
