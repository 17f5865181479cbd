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
    public let name: StaticString
    public let summary: String
    /// What a body is read into; a field that is not given keeps what stands here.
    let blank: Root
    let fields: [Field<Root>]
    /// A bit for each field that must be given.
    private let required: UInt64

    public init(_ name: StaticString, _ summary: String, _ blank: Root, @FieldBuilder<Root> _ fields: () -> [Field<Root>]) {
        self.name = name
        self.summary = summary
        self.blank = blank
        self.fields = fields()
        precondition(self.fields.count <= 64, "a shape has 64 fields at most: each is a bit")
        required = self.fields.enumerated().reduce(0) { $1.element.isInput && $1.element.outline.isRequired ? $0 | 1 << $1.offset : $0 }
    }

    /// Name, sentence and fields, as OpenAPI tells them.
    public var outline: ShapeOutline { ShapeOutline(name: name, summary: summary, fields: fields.map(\.outline)) }

    /// A reference to this shape.
    public var schema: Schema { .shape { outline } }
}

// MARK: Writing

extension Shape {
    /// Writes a value as an object.
    public func write(_ value: Root, to writer: inout JSONWriter) {
        writer.beginObject()
        withUnsafePointer(to: value) { root in
            for field in fields { field.write(root, &writer) }
        }
        writer.endObject()
    }
}

// MARK: Reading

extension Shape {
    /// Reads a body. Throws everything that is wrong with it at once, or `json_invalid` alone when it is no JSON.
    public func read(json bytes: UnsafeRawBufferPointer, unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        var reader = JSONReader(bytes)
        var reading = Reading(unknown: unknown)
        let value: Root?
        do {
            value = try read(&reader, &reading)
            try reader.finish()
        } catch {
            throw Faults(error)
        }
        guard let value, reading.faults.isEmpty else { throw reading.faults.placed() }
        return value
    }

    /// Reads a body; see `read(json:unknown:)`.
    public func read(json bytes: [UInt8], unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        try bytes.withBytes { (raw) throws(Faults) in try read(json: raw, unknown: unknown) }
    }

    /// Reads the fields of a form, decoded already. Throws everything that is wrong with them at once.
    public func read(form pairs: [(String, String)], unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        var reading = Reading(unknown: unknown)
        var texts: [[String]] = Array(repeating: [], count: fields.count)
        for (name, text) in pairs {
            if let index = fields.firstIndex(where: { $0.isInput && $0.isCalled(name) }) {
                texts[index].append(text)
            } else {
                noteUnknown(name, &reading)
            }
        }
        var value = blank
        withUnsafeMutablePointer(to: &value) { root in
            for (field, texts) in zip(fields, texts) where !texts.isEmpty {
                let before = reading.faultCount
                field.readTexts?(texts, root, &reading)
                reading.locate(since: before, under: field.name.description)
            }
        }
        noteMissing(texts.enumerated().reduce(0) { $1.element.isEmpty ? $0 : $0 | 1 << $1.offset }, &reading)
        guard reading.faults.isEmpty else { throw reading.faults.placed() }
        return value
    }

    /// Reads the parameters of a query, decoded already: as a form.
    public func read(query pairs: [(String, String)], unknown: Reading.Unknown = .refused) throws(Faults) -> Root {
        try read(form: pairs, unknown: unknown)
    }

    /// Reads the next value; nil when it has faults, which were noted.
    func read(_ reader: inout JSONReader, _ reading: inout Reading) throws(JSONFault) -> Root? {
        guard try reader.peek() == .object else { return try reading.refuse(.noObject, skipping: &reader) }
        let before = reading.faultCount
        var value = blank
        // A pointer for the whole walk, not one for each field; it does not leave this function.
        let broken: JSONFault? = withUnsafeMutablePointer(to: &value) { root in
            do throws(JSONFault) {
                try fill(root, from: &reader, &reading)
                return nil
            } catch { return error }
        }
        if let broken { throw broken }
        return reading.faultCount == before ? value : nil
    }

    private func fill(_ root: UnsafeMutablePointer<Root>, from reader: inout JSONReader, _ reading: inout Reading) throws(JSONFault) {
        var seen: UInt64 = 0
        var likely = 0
        try reader.beginObject()
        while let name = try reader.nextName() {
            guard let index = index(of: name, likely: likely), let read = fields[index].readJSON else {
                noteUnknown(name.string, &reading)
                try reader.skipValue()
                continue
            }
            likely = index &+ 1
            let before = reading.faultCount
            if seen & 1 << index != 0 {
                reading.note(.duplicateField)
                try reader.skipValue()
            } else {
                seen |= 1 << index
                try read(&reader, root, &reading)
            }
            if reading.faultCount != before { reading.locate(since: before, under: fields[index].name.description) }
        }
        if required & ~seen != 0 { noteMissing(seen, &reading) }
    }

    /// The field of that name. Callers mostly send fields in the order of our documentation, so the next one is tried first.
    @inline(__always) private func index(of name: JSONText, likely: Int) -> Int? {
        if likely < fields.count && name.equals(fields[likely].name) { return likely }
        return fields.firstIndex { field in name.equals(field.name) || field.aliases.contains { name.equals($0) } }
    }

    private func noteUnknown(_ name: String, _ reading: inout Reading) {
        guard reading.unknown == .refused else { return }
        let before = reading.faultCount
        reading.note(.unknownField)
        reading.locate(since: before, under: name.asLocation)
    }

    private func noteMissing(_ seen: UInt64, _ reading: inout Reading) {
        for (index, field) in fields.enumerated() where required & ~seen & 1 << index != 0 {
            let before = reading.faultCount
            reading.note(.missing)
            reading.locate(since: before, under: field.name.description)
        }
    }
}

extension Field {
    /// Whether it is read at all.
    var isInput: Bool { readJSON != nil }

    func isCalled(_ text: String) -> Bool { text == name.description || aliases.contains { text == $0.description } }
}

extension Faults {
    /// With `body` where no location was given.
    fileprivate func placed() -> Faults {
        var faults = Faults()
        for var fault in list {
            if fault.location.isEmpty { fault.location = "body" }
            faults.add(fault)
        }
        return faults
    }
}

/// What makes JSON of values of ours.
public enum JSON {
    /// A value of a declared shape as JSON.
    public static func bytes<Value: Shaped>(of value: Value) -> [UInt8] {
        var writer = JSONWriter()
        Value.shape.write(value, to: &writer)
        return writer.finish()
    }
}
