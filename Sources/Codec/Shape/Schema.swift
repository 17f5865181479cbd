/// What a value looks like, told in JSON Schema 2020-12 as OpenAPI 3.1 uses it.
public enum Schema: Sendable {
    case text(ClosedRange<Int>)
    /// Text that a regular expression describes as well, in the dialect that all readers of documents share.
    case pattern(StaticString, ClosedRange<Int>)
    /// A string of a known format: `uuid`, `date-time`, `email`.
    case word(StaticString)
    case words([String])
    case integer(ClosedRange<Int>)
    case number
    case boolean
    case anything
    indirect case list(Schema, atLeast: Int = 0, atMost: Int?)
    indirect case map(Schema, atMost: Int?)
    indirect case nullable(Schema)
    /// One of several, each of which can be told from the others.
    indirect case oneOf([Schema])
    /// An object of a named shape: told once under the components, referred to everywhere else. Looked up when it is told.
    case shape(@Sendable () -> ShapeOutline)
}

/// What a shape says about itself.
public struct ShapeOutline: Sendable {
    public let name: StaticString
    public let summary: String
    public let fields: [FieldOutline]
    /// Groups of fields of each of which exactly one must be given.
    public let choices: [[StaticString]]
}

/// What a field says about itself.
public struct FieldOutline: Sendable {
    public let name: StaticString
    public let summary: String
    public let schema: Schema
    public let isRequired: Bool
    /// Whether it is only written, never read.
    public let isReadOnly: Bool

    @usableFromInline init(name: StaticString, summary: String, schema: Schema, isRequired: Bool, isReadOnly: Bool) {
        self.name = name
        self.summary = summary
        self.schema = schema
        self.isRequired = isRequired
        self.isReadOnly = isReadOnly
    }
}

/// The named shapes that a document refers to, each once, in the order they were met.
public struct SchemaComponents: Sendable {
    private var outlines: [ShapeOutline] = []
    private var names: Set<String> = []
    /// Those that are not only read where unknown fields are refused.
    private var openNames: Set<String> = []
    /// Whether what is met now is read where unknown fields are refused. Answers never are closed: they may grow.
    public var areClosed = false

    public init() {}

    /// Notes a shape that was referred to.
    mutating func meet(_ outline: ShapeOutline) {
        if !areClosed { openNames.insert(outline.name.description) }
        if names.insert(outline.name.description).inserted { outlines.append(outline) }
    }

    /// Writes the object that stands under `components.schemas`; the shapes met while writing it come too.
    public mutating func write(to writer: inout JSONWriter) {
        // A shape may be told before an open one is that it stands in, so they are all told once to nobody.
        var known = -1
        while known != openNames.count {
            known = openNames.count
            var nobody = JSONWriter(capacity: 64 * 1024)
            writeOutlines(to: &nobody)
        }
        writeOutlines(to: &writer)
    }

    private mutating func writeOutlines(to writer: inout JSONWriter) {
        writer.beginObject()
        var told = 0
        while told < outlines.count {
            writer.key(outlines[told].name)
            areClosed = !openNames.contains(outlines[told].name.description)
            outlines[told].write(to: &writer, meeting: &self)
            told += 1
        }
        writer.endObject()
    }
}

extension Schema {
    /// Writes the schema, and notes the shapes it refers to.
    public func write(to writer: inout JSONWriter, meeting components: inout SchemaComponents) {
        writer.beginObject()
        writeMembers(to: &writer, meeting: &components)
        writer.endObject()
    }

    /// Writes the schema's members into an object that is open already, so that a description can stand beside them.
    public func writeMembers(to writer: inout JSONWriter, meeting components: inout SchemaComponents) {
        switch self {
        case .text(let length):
            Schema.writeText(length, to: &writer)
        case .pattern(let pattern, let length):
            Schema.writeText(length, to: &writer)
            writer.key("pattern")
            writer.value(pattern.description)
        case .word(let format):
            writer.member("type", "string")
            writer.member("format", format)
        case .words(let words):
            writer.member("type", "string")
            writer.key("enum")
            writer.beginArray()
            for word in words { writer.value(word) }
            writer.endArray()
        case .integer(let bounds):
            writer.member("type", "integer")
            if bounds.lowerBound > Int.min { writer.member("minimum", bounds.lowerBound) }
            if bounds.upperBound < Int.max { writer.member("maximum", bounds.upperBound) }
        case .number: writer.member("type", "number")
        case .boolean: writer.member("type", "boolean")
        case .anything: break
        case .list(let item, let least, let most):
            writer.member("type", "array")
            writer.key("items")
            item.write(to: &writer, meeting: &components)
            if least > 0 { writer.member("minItems", least) }
            if let most { writer.member("maxItems", most) }
        case .map(let item, let most):
            writer.member("type", "object")
            writer.key("additionalProperties")
            item.write(to: &writer, meeting: &components)
            if let most { writer.member("maxProperties", most) }
        case .nullable(let schema):
            writer.key("anyOf")
            writer.beginArray()
            schema.write(to: &writer, meeting: &components)
            Schema.writeNull(to: &writer)
            writer.endArray()
        case .oneOf(let schemas):
            writer.key("oneOf")
            writer.beginArray()
            for schema in schemas { schema.writeAlternative(to: &writer, meeting: &components) }
            writer.endArray()
        case .shape(let outline):
            let outline = outline()
            components.meet(outline)
            writer.key("$ref")
            writer.value("#/components/schemas/\(outline.name)")
        }
    }

    /// One of several. A list brings an example, because the readers of documents that are in use cannot make one up for a list there.
    private func writeAlternative(to writer: inout JSONWriter, meeting components: inout SchemaComponents) {
        writer.beginObject()
        writeMembers(to: &writer, meeting: &components)
        if case .list = self {
            writer.key("examples")
            writer.beginArray()
            writer.beginArray()
            writer.endArray()
            writer.endArray()
        }
        writer.endObject()
    }

    private static func writeText(_ length: ClosedRange<Int>, to writer: inout JSONWriter) {
        writer.member("type", "string")
        if length.lowerBound > 0 { writer.member("minLength", length.lowerBound) }
        if length.upperBound < Int.max { writer.member("maxLength", length.upperBound) }
    }

    private static func writeNull(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "null")
        writer.endObject()
    }
}

extension ShapeOutline {
    /// Writes the shape itself, not a reference to it.
    func write(to writer: inout JSONWriter, meeting components: inout SchemaComponents) {
        writer.beginObject()
        writer.member("type", "object")
        writer.key("description")
        writer.value(summary)
        writer.key("properties")
        writer.beginObject()
        for field in fields {
            writer.key(field.name)
            writer.beginObject()
            field.schema.writeMembers(to: &writer, meeting: &components)
            writer.key("description")
            writer.value(field.summary)
            if field.isReadOnly { writer.member("readOnly", true) }
            writer.endObject()
        }
        writer.endObject()
        writeRequired(to: &writer)
        writeChoices(to: &writer)
        if components.areClosed { writer.member("additionalProperties", false) }
        writer.endObject()
    }

    private func writeRequired(to writer: inout JSONWriter) {
        let required = fields.filter(\.isRequired)
        if !required.isEmpty { Self.write(required: required.map(\.name), to: &writer) }
    }

    private func writeChoices(to writer: inout JSONWriter) {
        guard !choices.isEmpty else { return }
        writer.key("allOf")
        writer.beginArray()
        for choice in choices {
            writer.beginObject()
            writer.key("oneOf")
            writer.beginArray()
            for name in choice {
                writer.beginObject()
                Self.write(required: [name], to: &writer)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(required names: [StaticString], to writer: inout JSONWriter) {
        writer.key("required")
        writer.beginArray()
        for name in names { writer.value(name) }
        writer.endArray()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ value: StaticString) {
        key(name)
        self.value(value)
    }

    fileprivate mutating func member(_ name: StaticString, _ value: Int) {
        key(name)
        self.value(value)
    }

    fileprivate mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        self.value(value)
    }
}
