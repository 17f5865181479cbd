internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension ClassicRoutes {
    static func declareLists(in desk: inout DeskRoutes, hasPublicTickets: Bool) {
        let people = desk.desk
        // Asked when somebody without a credential asks for our own list.
        desk.routes.answered(
            .get, "/tickets", .everyone, "Gives all tickets, where the desk's are public", query: ClassicLimit.self,
            givesListOf: ClassicNotice.self, atMost: mostItems
        ) { request in
            guard hasPublicTickets else { throw Refusal.unauthorized() }
            let limit = try request.query(as: ClassicLimit.self, unknown: .ignored).limit
            let tickets = try await people.read(for: request.asker) { look in try await look.allHeadings(atMost: limit) }
            return .json(.ok, JSON.bytes(of: tickets.map { ClassicNotice(ticket: $0) }))
        }
        // Asked when the id is no ticket's.
        declareList("/tickets/{ticket}", nil, "Gives the tickets of a person", in: &desk) { try $0.ticket }
        declareList("/tickets/{user}/open", .open, "Gives the open tickets of a person", in: &desk) { try $0.user }
        declareList("/tickets/{user}/resolved", .closed, "Gives the closed tickets of a person", in: &desk) { try $0.user }
    }

    private static func declareList(
        _ pattern: String, _ status: ClassicStatus?, _ summary: String, in desk: inout DeskRoutes,
        _ person: @escaping @Sendable (AskedPath) throws -> Person.ID
    ) {
        let statuses = status?.statuses ?? []
        desk.list(pattern, .staff, summary, query: ClassicLimit.self, of: ClassicSummary.self, atMost: mostItems) { ask, look in
            let tickets = try await look.headings(of: try person(ask.path), statuses, atMost: ask.query.limit, as: ask.caller)
            return tickets.map { ClassicSummary(ticket: $0) }
        }
    }
}

struct ClassicLimit: Shaped {
    var limit = ClassicRoutes.mostItems

    static let shape = Shape("ClassicLimit", "How much of a list", ClassicLimit()) {
        Field("limit", \.limit, .integer(1...ClassicRoutes.mostItems), "How many at most", required: false)
    }
}

extension TicketHeading {
    fileprivate static let blank = TicketHeading(
        id: Ticket.ID(0), number: 0, title: "", priority: .medium, status: .open, createdAt: Moment(0))
}

/// A ticket as everybody may see it.
struct ClassicNotice: Shaped {
    var ticket: TicketHeading

    static let shape = Shape("ClassicNotice", "A ticket as everybody may see it", ClassicNotice(ticket: .blank)) {
        Field("id", \.ticket.id, .id(Ticket.self), "Id")
        Field("number", \.ticket.number, .integer(0...Int.max), "For people: 1, 2, 3 …")
        Field("title", \.ticket.title, .text(1...255), "One line that says what is wrong")
        Field("priority", \.ticket.priority, .word(Priority.self), "How much it presses")
        Field("status", from: { ClassicStatus($0.ticket.status) }, .word(ClassicStatus.self), "Whether anything is to be done")
        Field("created_at", \.ticket.createdAt, .moment, "When it was opened")
    }
}

/// A ticket of a person.
struct ClassicSummary: Shaped {
    var ticket: TicketHeading

    static let shape = Shape("ClassicSummary", "A ticket of a person", ClassicSummary(ticket: .blank)) {
        Field("title", \.ticket.title, .text(1...255), "One line that says what is wrong")
        Field("priority", \.ticket.priority, .word(Priority.self), "How much it presses")
        Field("status", from: { ClassicStatus($0.ticket.status) }, .word(ClassicStatus.self), "Whether anything is to be done")
        Field("created_at", \.ticket.createdAt, .moment, "When it was opened")
    }
}
