internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension CSRRoutes {
    /// `/api/v1/users/tickets`: what people open themselves. Nobody sees another's there, whoever they are.
    static func declareOwnTickets(in desk: inout DeskRoutes, assignsInTurn: Bool) {
        let assignment: Rules.Assignment? = assignsInTurn ? .roundRobin : nil
        desk.change(
            .post, "/api/v1/users/tickets", .signedIn, "Opens a ticket, which goes to an agent at once", takes: CSRDraft.self,
            gives: .ok(CSRTicket.self)
        ) { ask, work in
            var draft = ask.body.draft
            draft.assignment = assignment
            return CSRTicket(ticket: try await work.open(draft, as: ask.caller))
        }
        desk.bareArray(
            "/api/v1/users/tickets", .signedIn, "Lists the caller's own tickets", query: CSROwnQuery.self, of: CSRTicket.self,
            atMost: mostItems
        ) { ask, slice, look in
            var filter = ask.query.filter
            filter.requester = ask.caller.id
            filter.order = TicketOrder(by: ask.query.key, isDescending: ask.query.direction == .desc)
            return try await look.tickets(filter, slice, as: ask.caller).map { CSRTicket(ticket: $0) }
        }
        desk.read("/api/v1/users/tickets/{ticket}", .signedIn, "Gives a ticket of the caller's own", gives: .ok(CSRTicket.self)) {
            ask, look in
            let ticket = try await look.ticket(ask.path.ticket, as: ask.caller)
            guard ticket.requester.id == ask.caller.id else { throw DeskError.notFound("Ticket not found") }
            return CSRTicket(ticket: ticket)
        }
    }
}

struct CSRDraft: Shaped {
    var draft = TicketDraft()

    static let shape = Shape("CSRDraft", "What it takes to open a ticket, in the CSR dialect", CSRDraft()) {
        Field("title", \.draft.title, .oneLine(1...255), "One line that says what is wrong")
        Field("description", \.draft.description, .text(1...65_536), "The whole story")
        Field("category", \.draft.category, Kind<String>.oneLine(1...100).optional, "What it is about", required: true)
        Field("type", \.draft.type, Kind<String>.oneLine(1...100).optional, "What sort of request it is", required: true)
    }
}

struct CSROwnQuery: BareQuery {
    enum Direction: String, CaseIterable, Word {
        case asc, desc
    }

    var filter = TicketFilter()
    var key = TicketOrder.Key.createdAt
    var direction = Direction.desc
    var slice: SliceRequest

    private static var blank: CSROwnQuery {
        var query = CSROwnQuery(slice: SliceRequest())
        query.slice.limit = 10
        return query
    }

    static let shape = Shape("CSROwnQuery", "Which of one's own tickets", blank) {
        Field("status", \.filter.statuses, .list(of: .word(Domain.Status.self), atMost: 5), "Where they stand", required: false)
        Field("category", \.filter.categories, .list(of: .text(1...100), atMost: 20), "What they are about", required: false)
        Field("sort", \.key, .word(TicketOrder.Key.self), "What the list goes by", required: false)
        Field("order", \.direction, .word(Direction.self), "Which way", required: false)
        Field("skip", \.slice.offset, .integer(0...SliceRequest.mostOffset), "How many to pass over", required: false)
        Field("limit", \.slice.limit, .integer(1...CSRRoutes.mostItems), "How many at most", required: false)
    }
}

/// A ticket as this dialect tells it.
struct CSRTicket: Shaped {
    var ticket: Ticket

    static let shape = Shape("CSRTicket", "A ticket, in the CSR dialect", CSRTicket(ticket: TicketView.blank)) {
        Field("id", \.ticket.id, .id(Ticket.self), "Id")
        Field("title", \.ticket.title, .text(1...255), "One line that says what is wrong")
        Field("description", \.ticket.description, .text(0...65_536), "The whole story")
        Field("category", \.ticket.category, Kind<String>.text(1...100).optional, "What it is about")
        Field("type", \.ticket.type, Kind<String>.text(1...100).optional, "What sort of request it is")
        Field("status", \.ticket.status, .word(Domain.Status.self), "Where it stands")
        Field("priority", \.ticket.priority, .word(Priority.self), "How much it presses")
        Field("user_id", \.ticket.requester.id, .id(Person.self), "Who asked")
        Field("assigned_to_id", from: { $0.ticket.assignee?.id }, Kind<Person.ID>.id(Person.self).optional, "Who works on it")
        Field("created_at", \.ticket.createdAt, .moment, "When it was opened")
    }
}
