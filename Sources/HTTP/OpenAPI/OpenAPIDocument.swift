internal import Codec

/// The OpenAPI 3.1 document of a table of routes. Nothing in it is written twice: what a route takes and gives is read from the very
/// shapes that read and write it, and the errors it can answer with follow from what it takes and who may call it.
public struct OpenAPIDocument {
    /// What the document says of the API as a whole.
    public struct Info: Sendable {
        public var title: String
        public var version: String
        public var summary: String
        /// Markdown.
        public var description: String
        /// Where people reach the server, when that is known; without it the document means the server it came from.
        public var address: String?

        public init(title: String, version: String, summary: String, description: String, address: String? = nil) {
            self.title = title
            self.version = version
            self.summary = summary
            self.description = description
            self.address = address
        }
    }

    private let routes: [Route]
    private let operations: [Operation]
    private let parameters: [String: Routes.PathParameterNote]
    private var components = SchemaComponents()

    /// The document as JSON. The same routes make the same bytes.
    public static func bytes(
        _ routes: [Route], parameters: [String: Routes.PathParameterNote], _ info: Info
    ) -> [UInt8] {
        var document = OpenAPIDocument(routes: routes, parameters: parameters)
        var writer = JSONWriter(capacity: 64 * 1024)
        document.write(info, to: &writer)
        return writer.finish()
    }

    private init(routes: [Route], parameters: [String: Routes.PathParameterNote]) {
        self.routes = routes
        self.parameters = parameters
        operations = Operation.all(of: routes)
        var seen: Set<String> = []
        for route in operations.map(\.first) {
            precondition(seen.insert(route.operationID).inserted, "\(route.method.text) \(route.pattern): \(route.operationID) is taken")
        }
    }

    private mutating func write(_ info: Info, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("openapi", "3.1.0")
        write(info, &writer)
        writeTags(to: &writer)
        writer.key("paths")
        writer.beginObject()
        var told: Set<String> = []
        for route in routes where told.insert(route.pattern).inserted { writePath(route.pattern, to: &writer) }
        writer.endObject()
        writeComponents(to: &writer)
        writer.endObject()
    }

    private func write(_ info: Info, _ writer: inout JSONWriter) {
        writer.key("info")
        writer.beginObject()
        writer.member("title", info.title)
        writer.member("version", info.version)
        writer.member("summary", info.summary)
        writer.member("description", info.description)
        writer.endObject()
        guard let address = info.address else { return }
        writer.key("servers")
        writer.beginArray()
        writer.beginObject()
        writer.member("url", address)
        writer.endObject()
        writer.endArray()
    }

    /// The tags in the order of the routes; without this list readers sort as they like.
    private func writeTags(to writer: inout JSONWriter) {
        writer.key("tags")
        writer.beginArray()
        var told: Set<String> = []
        for route in routes where told.insert(route.tag).inserted {
            writer.beginObject()
            writer.member("name", route.tag)
            writer.endObject()
        }
        writer.endArray()
    }

    // MARK: - Paths

    private mutating func writePath(_ pattern: String, to writer: inout JSONWriter) {
        writer.key(pattern)
        writer.beginObject()
        let names = RoutePattern(pattern).names
        if !names.isEmpty {
            writer.key("parameters")
            writer.beginArray()
            for name in names { writePathParameter(name, to: &writer) }
            writer.endArray()
        }
        for operation in operations where operation.first.pattern == pattern {
            writer.key(operation.first.method.text.description.lowercased())
            write(operation, to: &writer)
        }
        writer.endObject()
    }

    private mutating func writePathParameter(_ name: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("in", "path")
        if let note = parameters[name] { writer.member("description", note.summary) }
        writer.member("required", true)
        writer.key("schema")
        (parameters[name]?.schema ?? .anything).write(to: &writer, meeting: &components)
        writer.endObject()
    }

    private mutating func write(_ operation: Operation, to writer: inout JSONWriter) {
        let route = operation.first
        writer.beginObject()
        writer.member("operationId", route.operationID)
        writer.member("summary", route.summary)
        if let description = operation.description { writer.member("description", description) }
        writer.key("tags")
        writer.beginArray()
        writer.value(route.tag)
        writer.endArray()
        writeSecurity(operation, to: &writer)
        let (query, fields) = (operation.query, route.notes.fields?.fields ?? [])
        if !query.isEmpty || !fields.isEmpty {
            writer.key("parameters")
            writer.beginArray()
            for field in query { writeParameter(field, in: "query", to: &writer) }
            for field in fields { writeParameter(field, in: "header", to: &writer) }
            writer.endArray()
        }
        if let input = route.input {
            writer.key("requestBody")
            writer.beginObject()
            writer.member("required", true)
            components.areClosed = route.refusesUnknown
            writeContent(route.inputType.description, input, to: &writer)
            components.areClosed = false
            writer.endObject()
        }
        if let body = route.notes.body {
            writer.key("requestBody")
            writer.beginObject()
            writeContent(body.text.description, .text(0...Int.max), to: &writer)
            writer.endObject()
        }
        writer.key("responses")
        writer.beginObject()
        for output in operation.outputs { writeSuccess(output, to: &writer) }
        for answer in ErrorAnswer.all where operation.canAnswer(answer) { write(answer, of: operation, to: &writer) }
        writer.endObject()
        writeMessages(route.notes, to: &writer)
        writer.endObject()
    }

    /// What is said in a session. OpenAPI 3.1 has no word for it, so it stands in a field of our own.
    private mutating func writeMessages(_ notes: RouteNotes, to writer: inout JSONWriter) {
        guard notes.said != nil || notes.told != nil else { return }
        writer.key("x-messages")
        writer.beginObject()
        if let said = notes.said {
            writer.key("client")
            said.write(to: &writer, meeting: &components)
        }
        if let told = notes.told {
            writer.key("server")
            told.write(to: &writer, meeting: &components)
        }
        writer.endObject()
    }

    /// An empty requirement stands for "or nothing at all".
    private func writeSecurity(_ operation: Operation, to writer: inout JSONWriter) {
        writer.key("security")
        writer.beginArray()
        if !operation.isOpen {
            if !operation.needsCredential {
                writer.beginObject()
                writer.endObject()
            }
            writer.beginObject()
            writer.key("bearer")
            writer.beginArray()
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    private mutating func writeParameter(_ field: FieldOutline, in place: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", field.name.description)
        writer.member("in", place)
        writer.member("description", field.summary)
        if field.isRequired { writer.member("required", true) }
        if place.utf8.elementsEqual("query".utf8), field.schema.mayBeEmpty { writer.member("allowEmptyValue", true) }
        writer.key("schema")
        field.schema.write(to: &writer, meeting: &components)
        writer.endObject()
    }

    // MARK: - Answers

    private mutating func writeSuccess(_ output: RouteOutput, to writer: inout JSONWriter) {
        writer.key(String(output.status.rawValue))
        writer.beginObject()
        writer.member("description", output.status.phrase)
        if let type = output.type {
            let schema = output.schema ?? (type.isJSON ? .anything : .text(0...Int.max))
            writeContent(type.text.description, schema, to: &writer)
        }
        writer.endObject()
    }

    private mutating func writeContent(_ type: String, _ schema: Schema, orPage: Bool = false, to writer: inout JSONWriter) {
        writer.key("content")
        writer.beginObject()
        writer.key(type)
        writer.beginObject()
        writer.key("schema")
        schema.write(to: &writer, meeting: &components)
        writer.endObject()
        if orPage {
            writer.key(MediaType.html.text.description)
            writer.beginObject()
            writer.endObject()
        }
        writer.endObject()
    }

    private mutating func write(_ answer: ErrorAnswer, of operation: Operation, to writer: inout JSONWriter) {
        if let refusal = operation.first.notes.refusal, [.badRequest, .forbidden].contains(answer.status) {
            return writeOwn(answer, as: refusal, &writer)
        }
        if operation.answersWithPages { writePage(answer, &writer) } else { writeReference(to: answer, &writer) }
    }

    /// An error of a protocol that has words of its own for it, beside those that are found out before the protocol is asked.
    private mutating func writeOwn(_ answer: ErrorAnswer, as refusal: Schema, _ writer: inout JSONWriter) {
        writer.key(String(answer.status.rawValue))
        writer.beginObject()
        writer.member("description", answer.description)
        writeContent("application/json", .oneOf([refusal, ErrorBody.shape.schema]), to: &writer)
        writer.endObject()
    }

    /// An error of a page: told on a page, or before the page was asked for.
    private mutating func writePage(_ answer: ErrorAnswer, _ writer: inout JSONWriter) {
        writer.key(String(answer.status.rawValue))
        writer.beginObject()
        writer.member("description", answer.description)
        writeContent("application/json", ErrorBody.shape.schema, orPage: true, to: &writer)
        writer.endObject()
    }

    private func writeReference(to answer: ErrorAnswer, _ writer: inout JSONWriter) {
        writer.key(String(answer.status.rawValue))
        writer.beginObject()
        writer.member("$ref", "#/components/responses/\(answer.name)")
        writer.endObject()
    }

    // MARK: - Components

    private mutating func writeComponents(to writer: inout JSONWriter) {
        writer.key("components")
        writer.beginObject()
        writer.key("responses")
        writer.beginObject()
        for answer in ErrorAnswer.all where routes.contains(where: answer.isAnswer(of:)) { write(answer, &writer) }
        writer.endObject()
        // After everything that refers to one.
        writer.key("schemas")
        components.write(to: &writer)
        writer.key("securitySchemes")
        writer.beginObject()
        writer.key("bearer")
        writer.beginObject()
        writer.member("type", "http")
        writer.member("scheme", "bearer")
        writer.member("description", "An access token, an API key or a delegated token.")
        writer.endObject()
        writer.endObject()
        writer.endObject()
    }

    private mutating func write(_ answer: ErrorAnswer, _ writer: inout JSONWriter) {
        writer.key(answer.name)
        writer.beginObject()
        writer.member("description", answer.description)
        if let (field, summary, schema) = answer.field {
            writer.key("headers")
            writer.beginObject()
            writer.key(field)
            writer.beginObject()
            writer.member("description", summary)
            writer.key("schema")
            schema.write(to: &writer, meeting: &components)
            writer.endObject()
            writer.endObject()
        }
        writeContent("application/json", ErrorBody.shape.schema, to: &writer)
        writer.endObject()
    }
}

extension Schema {
    /// Whether a parameter of a query that is there without a value says the same as one that is not there.
    fileprivate var mayBeEmpty: Bool {
        switch self {
        case .list, .nullable: true
        default: false
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        value(text)
    }

    fileprivate mutating func member(_ name: StaticString, _ bool: Bool) {
        key(name)
        value(bool)
    }
}
