import Codec
import Testing

@testable import HTTP

@Suite("The OpenAPI document") struct OpenAPIDocumentTests {
    @Test("says which version of OpenAPI it is, and of what API")
    func info() throws {
        let document = try Sample.document()
        #expect(document.names == ["openapi", "info", "tags", "paths", "components"])
        #expect(document.at("openapi")?.string == "3.1.0")
        #expect(document.at("info", "title")?.string == "Desk")
        #expect(document.at("info", "version")?.string == "1.2.3")
        #expect(document.at("info", "summary")?.string == "A desk")
        #expect(document.at("info", "description")?.string == "*All* of it")
    }

    @Test("has every path once, in the order of the routes, and under it the methods")
    func paths() throws {
        let paths = try #require(try Sample.document().at("paths"))
        #expect(
            paths.names
                == ["/health", "/tickets", "/tickets/{ticket}", "/tickets/{ticket}/comments/{comment}", "/page", "/live"])
        #expect(paths.at("/tickets")?.names == ["get", "post"])
        #expect(paths.at("/tickets/{ticket}")?.names == ["parameters", "get"])
    }

    @Test("says of an operation what it does, by which name, and under which tag")
    func operation() throws {
        let document = try Sample.document()
        let operation = try #require(document.at("paths", "/tickets", "post"))
        #expect(operation.at("operationId")?.string == "postTickets")
        #expect(operation.at("summary")?.string == "Opens one")
        #expect(operation.at("tags")?.elements == [.text("tickets")])
        #expect(document.at("tags")?.elements?.map { $0["name"]?.string } == ["health", "tickets", "page", "live"])
    }

    @Test(
        "names an operation by its method and path alone",
        arguments: [
            ("/", "get"), ("/tickets", "getTickets"), ("/tickets/{ticket}", "getTicketsByTicket"),
            ("/tickets/{ticket}/comments/{comment}", "getTicketsByTicketCommentsByComment"), ("/knowledge-base", "getKnowledgeBase"),
            ("/openapi.json", "getOpenapiJson"), ("/api/v1/openapi.json", "getApiV1OpenapiJson"),
        ])
    func operationIDs(pattern: String, id: String) {
        #expect(route(pattern).operationID == id)
    }

    @Test("two operations of one name stop the start")
    func sameID() async {
        await #expect(processExitsWith: .failure) {
            var routes = Routes { _, _ in }
            routes.raw(.get, "/a-b", .everyone, "One", gives: nil) { _ in Response(.ok) }
            routes.raw(.get, "/a/b", .everyone, "Other", gives: nil) { _ in Response(.ok) }
            _ = try Sample.document(routes)
        }
    }

    @Test(
        "puts a route under its first segment that is not about the API itself",
        arguments: [
            ("/", "root"), ("/tickets/{ticket}", "tickets"), ("/openapi.json", "openapi"), ("/api/v1/openapi.json", "openapi"),
            ("/{ticket}", "root"),
        ])
    func tags(pattern: String, tag: String) {
        #expect(route(pattern).tag == tag)
    }

    @Test("describes a path's parameters as the table of names does")
    func pathParameters() throws {
        let parameters = try #require(
            try Sample.document().at("paths", "/tickets/{ticket}/comments/{comment}", "parameters")?.elements)
        #expect(parameters.map { $0["name"]?.string } == ["ticket", "comment"])
        #expect(parameters.allSatisfy { $0["in"]?.string == "path" && $0["required"]?.isTrue == true })
        #expect(parameters[0]["description"]?.string == "A ticket's id or number")
        #expect(parameters[0].at("schema", "maxLength")?.int == 36)
        #expect(parameters[1].at("schema", "format")?.string == "uuid")
    }

    @Test("describes a query's parameters by its shape, without what is only written")
    func query() throws {
        let parameters = try #require(try Sample.document().at("paths", "/tickets", "get", "parameters")?.elements)
        #expect(parameters.map { $0["name"]?.string } == ["limit", "q", "year"])
        #expect(parameters.allSatisfy { $0["in"]?.string == "query" })
        #expect(parameters.map { $0["required"]?.isTrue } == [nil, nil, true])
        #expect(parameters[0].at("schema", "maximum")?.int == 100)
        #expect(parameters[0]["description"]?.string == "How many")
    }

    @Test("describes a body, and tells every shape once, those inside others too")
    func bodies() throws {
        let document = try Sample.document()
        let body = try #require(document.at("paths", "/tickets", "post", "requestBody"))
        #expect(body["required"]?.isTrue == true)
        #expect(body.at("content", "application/json", "schema", "$ref")?.string == "#/components/schemas/Draft")
        #expect(document.at("components", "schemas")?.names.sorted() == ["Draft", "Error", "Fault", "Person", "Ticket"])
        #expect(document.at("paths", "/tickets", "get", "requestBody") == nil)
    }

    @Test("describes what a route gives", arguments: [("/health", "get", "200", "OK"), ("/tickets", "post", "201", "Created")])
    func success(path: String, method: String, status: String, phrase: String) throws {
        let answer = try #require(try Sample.document().at("paths", path, method, "responses", status))
        #expect(answer["description"]?.string == phrase)
        #expect(answer.at("content", "application/json", "schema", "$ref") != nil)
    }

    @Test(
        "promises no body where there is none",
        arguments: [("/tickets/{ticket}/comments/{comment}", "delete", "204"), ("/live", "get", "101")])
    func bodiless(path: String, method: String, status: String) throws {
        #expect(try Sample.document().at("paths", path, method, "responses", status)?.names == ["description"])
    }

    @Test("tells what a route also gives, and that a page may be refused by a page")
    func others() throws {
        var routes = Routes { _, _ in }
        routes.parameter("page", .text(1...9), "A page")
        routes.raw(.get, "/pages/{page}", .open, "Shows a page", gives: .html) { _ in Response(.ok) }
        routes.alsoGives(.movedPermanently)
        routes.alsoGives(.partialContent)
        let bytes = OpenAPIDocument.bytes(
            routes.all, parameters: routes.parameters, .init(title: "", version: "", summary: "", description: ""))
        let document = try bytes.withUnsafeBytes { try JSONValue(parsing: $0) }
        let responses = try #require(document.at("paths", "/pages/{page}", "get", "responses"))
        #expect(responses.names == ["200", "206", "301", "400", "404", "500", "503"])
        #expect(responses.at("301")?.names == ["description"])
        #expect(responses.at("206", "content")?.names == ["text/html; charset=utf-8"])
        #expect(responses.at("404", "content")?.names == ["application/json", "text/html; charset=utf-8"])
    }

    @Test("says that a page is text")
    func page() throws {
        let content = try #require(try Sample.document().at("paths", "/page", "get", "responses", "200", "content"))
        #expect(content.names == ["text/html; charset=utf-8"])
        #expect(content.at("text/html; charset=utf-8", "schema", "type")?.string == "string")
    }

    @Test(
        "lists the errors that a route can answer with, and no others",
        arguments: [
            ("/health", "get", ["200", "500", "503"]),
            ("/page", "get", ["200", "401", "429", "500", "503"]),
            ("/tickets", "get", ["200", "400", "401", "403", "414", "429", "500", "503"]),
            ("/tickets", "post", ["201", "400", "401", "403", "409", "412", "413", "415", "422", "429", "500", "503"]),
            ("/tickets/{ticket}", "get", ["200", "400", "401", "404", "412", "429", "500", "503"]),
        ])
    func errors(path: String, method: String, statuses: [String]) throws {
        let document = try Sample.document()
        let responses = try #require(document.at("paths", path, method, "responses"))
        #expect(responses.names == statuses)
        for status in statuses.dropFirst() {
            let name = try #require(responses.at(status, "$ref")?.string?.split(separator: "/").last.map(String.init))
            let schema = document.at("components", "responses", name, "content", "application/json", "schema", "$ref")
            #expect(schema?.string == "#/components/schemas/Error")
        }
    }

    @Test("says that a wait has its length, and a refused credential its kind")
    func errorFields() throws {
        let responses = try #require(try Sample.document().at("components", "responses"))
        #expect(responses.at("TooManyRequests", "headers")?.names == ["Retry-After"])
        #expect(responses.at("Unavailable", "headers")?.names == ["Retry-After"])
        #expect(responses.at("Unauthorized", "headers")?.names == ["WWW-Authenticate"])
        #expect(responses.at("NotFound", "headers") == nil)
    }

    @Test("does not describe errors that no route has")
    func unusedErrors() throws {
        var routes = Routes { _, _ in }
        routes.raw(.get, "/up", .open, "Is it up?", gives: nil) { _ in Response(.ok) }
        #expect(try Sample.document(routes).at("components", "responses")?.names == ["InternalServerError", "Unavailable"])
    }

    @Test(
        "says who needs a credential, who may bring one, and who is not asked",
        arguments: [
            ("/tickets", [JSONValue.object([.init("bearer", .list([]))])]),
            ("/page", [.object([]), .object([.init("bearer", .list([]))])]),
            ("/health", []),
        ])
    func security(path: String, requirements: [JSONValue]) throws {
        let document = try Sample.document()
        #expect(document.at("paths", path, "get", "security")?.elements == requirements)
        #expect(document.at("components", "securitySchemes", "bearer", "scheme")?.string == "bearer")
    }

    @Test("is the same for the same routes, byte for byte")
    func repeats() {
        let routes = Sample.routes
        let first = OpenAPIDocument.bytes(routes.all, parameters: routes.parameters, Sample.info)
        #expect(OpenAPIDocument.bytes(routes.all, parameters: routes.parameters, Sample.info) == first)
    }

    @Test("describes the routes that serve it too")
    func itself() throws {
        var routes = Sample.routes
        routes.describe(at: ["/openapi.json", "/api/v1/openapi.json"], as: Sample.info)
        #expect(routes.all.suffix(2).map(\.pattern) == ["/openapi.json", "/api/v1/openapi.json"])
        let paths = try #require(try Sample.document(routes).at("paths"))
        #expect(paths.at("/openapi.json", "get", "responses", "200", "content")?.names == ["application/json"])
        #expect(paths.at("/api/v1/openapi.json", "get", "operationId")?.string == "getApiV1OpenapiJson")
    }

    @Test("tells of a dialect's route in the item of ours that it stands behind")
    func dialect() throws {
        var routes = Sample.routes
        routes.areDialect = true
        routes.answered(.get, "/tickets", .everyone, "All of them", query: Nothing.self, givesListOf: Sample.Person.self, atMost: 9) { _ in
            Response(.ok)
        }
        routes.raw(.get, "/classic", .everyone, "Its own", gives: nil, status: .noContent) { _ in Response(.noContent) }
        let document = try Sample.document(routes)
        let operation = try #require(document.at("paths", "/tickets", "get"))
        #expect(operation["summary"]?.string == "Lists them")
        #expect(operation["description"]?.string?.hasSuffix("a dialect answers: all of them.") == true)
        let forms = operation.at("responses", "200", "content", "application/json", "schema", "oneOf")?.elements
        #expect(forms?.compactMap { $0["$ref"]?.string } == ["#/components/schemas/Ticket"])
        #expect(forms?.last?.at("items", "$ref")?.string == "#/components/schemas/Person")
        #expect(forms?.last?["maxItems"]?.int == 9)
        #expect(operation["security"]?.elements?.count == 2, "with a credential or without one")
        #expect(document.at("paths", "/tickets")?.names == ["get", "post"])
        #expect(document.at("paths", "/classic", "get", "responses", "204") != nil)
    }

    private func route(_ pattern: String) -> Route {
        var routes = Routes { _, _ in }
        for name in RoutePattern(pattern).names { routes.parameter(name, .text(1...9), "A name") }
        routes.raw(.get, pattern, .everyone, "Does it", gives: nil) { _ in Response(.ok) }
        return routes.all[0]
    }
}

@Suite("Access") struct AccessTests {
    @Test("only an open route looks at no credential")
    func open() {
        #expect(Access.open.ignoresCredential && !Access.open.needsCredential)
        #expect(!Access.everyone.ignoresCredential && !Access.everyone.needsCredential)
        #expect(!Access("agents", needsCredential: true).ignoresCredential)
    }
}
