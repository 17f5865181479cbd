import Codec

@testable import HTTP

/// Routes of every sort, as a face would declare them.
enum Sample {
    struct Draft: Shaped {
        var title = ""
        var tags: [String] = []
        static let shape = Shape("Draft", "What it takes to open one", Draft()) {
            Field("title", \.title, .text(1...255), "One line")
            Field("tags", \.tags, .list(of: .text(1...50), atMost: 20), "Words to find it by", required: false)
        }
    }

    struct Ticket: Shaped {
        var number = 0
        var title = ""
        var requester = Person()
        static let shape = Shape("Ticket", "A ticket", Ticket()) {
            Field("number", \.number, .integer(1...Int.max), "Counts up")
            Field("title", \.title, .text(1...255), "One line")
            Field("requester", \.requester, .object(Person.self), "Who asks")
            Field("age", from: { _ in 7 }, .integer(0...Int.max), "In days")
        }
    }

    struct Person: Shaped {
        var name = ""
        static let shape = Shape("Person", "Somebody", Person()) {
            Field("name", \.name, .text(1...100), "As people say it")
        }
    }

    struct Filter: Shaped {
        var limit = 20
        var q: String?
        var year = 0
        static let shape = Shape("Filter", "Which ones", Filter()) {
            Field("limit", \.limit, .integer(1...100), "How many", required: false)
            Field("q", \.q, .text(1...200).orAbsent, "Words to look for")
            Field("year", \.year, .integer(2000...2100), "Since when")
            Field("page", from: { _ in 1 }, .integer(0...Int.max), "Only ever written")
        }
    }

    static let signedIn = Access("signed in", needsCredential: true)

    static var routes: Routes {
        var routes = Routes { _, _ in }
        routes.parameter("ticket", .text(1...36), "A ticket's id or number")
        routes.parameter("comment", .word("uuid"), "A comment's id")
        routes.on(.get, "/health", .open, "Says that it is up", gives: .ok(Person.self)) { _ in Person() }
        routes.on(.get, "/tickets", signedIn, "Lists them", query: Filter.self, gives: .ok(Ticket.self)) { _ in Ticket() }
        routes.on(.post, "/tickets", signedIn, "Opens one", takes: Draft.self, gives: .created(Ticket.self)) { _ in Ticket() }
        routes.on(.get, "/tickets/{ticket}", .everyone, "Gives one", gives: .ok(Ticket.self)) { _ in Ticket() }
        routes.on(.delete, "/tickets/{ticket}/comments/{comment}", signedIn, "Deletes one", gives: .noContent) { _ in Nothing() }
        routes.raw(.get, "/page", .everyone, "Draws it", gives: .html) { _ in Response(.ok) }
        routes.raw(.get, "/live", signedIn, "Becomes a socket", gives: nil, status: .switchingProtocols) { _ in Response(.ok) }
        return routes
    }

    static let info = OpenAPIDocument.Info(title: "Desk", version: "1.2.3", summary: "A desk", description: "*All* of it")

    static func document(_ routes: Routes = routes) throws -> JSONValue {
        try JSONValue(parsing: OpenAPIDocument.bytes(routes.all, parameters: routes.parameters, info))
    }
}

extension JSONValue {
    /// The names of an object's members, in order.
    var names: [String] { if case .object(let members) = self { members.map(\.name) } else { [] } }

    /// The value at the end of a path of names.
    func at(_ names: String...) -> JSONValue? { names.reduce(self) { $0?[$1] } }
}
