internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension CSRRoutes {
    /// `/api/v1/csr/tickets`: what agents work on.
    static func declareStaffsTickets(in desk: inout DeskRoutes) {
        desk.bareArray(
            "/api/v1/csr/tickets", .staff, "Lists the tickets that the caller may see", query: CSRQueueQuery.self, of: CSRTicket.self,
            atMost: mostItems
        ) { ask, slice, look in
            var filter = ask.query.filter
            if ask.query.isUnassigned { filter.assignees = [.none] }
            return try await look.tickets(filter, slice, as: ask.caller).map { CSRTicket(ticket: $0) }
        }
        desk.change(
            .post, "/api/v1/csr/tickets/{ticket}/assign", .staff, "Gives a ticket to one of the staff, and says how much it presses",
            takes: CSRAssigning.self, gives: .ok(CSRTicket.self)
        ) { ask, work in
            let ticket = try await work.change(ask.path.ticket, ask.body.edit, expecting: ask.expectedRevision, as: ask.caller)
            return CSRTicket(ticket: ticket)
        }
        desk.change(
            .patch, "/api/v1/csr/tickets/{ticket}", .staff, "Says where a ticket stands", takes: CSRMove.self, gives: .ok(CSRTicket.self)
        ) { ask, work in
            let ticket = try await work.change(ask.path.ticket, ask.body.edit, expecting: ask.expectedRevision, as: ask.caller)
            return CSRTicket(ticket: ticket)
        }
    }
}

struct CSRQueueQuery: BareQuery {
    var filter = TicketFilter()
    var isUnassigned = false
    var slice: SliceRequest

    private static var blank: CSRQueueQuery {
        var query = CSRQueueQuery(slice: SliceRequest())
        query.slice.limit = CSRRoutes.mostItems
        return query
    }

    static let shape = Shape("CSRQueueQuery", "Which tickets", blank) {
        Field("unassigned", \.isUnassigned, .boolean, "Only those that nobody has taken", required: false)
        Field("status", \.filter.statuses, .list(of: .word(Domain.Status.self), atMost: 5), "Where they stand", required: false)
        Field("skip", \.slice.offset, .integer(0...SliceRequest.mostOffset), "How many to pass over", required: false)
        Field("limit", \.slice.limit, .integer(1...CSRRoutes.mostItems), "How many at most", required: false)
    }
}

struct CSRAssigning: Shaped {
    var edit = TicketEdit()

    init() { edit.assigneeField = "assignee_id" }

    static let shape = Shape("CSRAssigning", "Who shall work on a ticket", CSRAssigning()) {
        Field("assignee_id", \.edit.assignee, Kind<PersonName>.person.change, "One of the staff; null for nobody", required: true)
        Field("priority", \.edit.priority, Kind<Priority>.word(Priority.self).orAbsent, "How much it presses")
    }
}

struct CSRMove: Shaped {
    var edit = TicketEdit()

    static let shape = Shape("CSRMove", "Where a ticket shall stand", CSRMove()) {
        Field("status", \.edit.status, Kind<Domain.Status>.word(Domain.Status.self).orAbsent, "Where it stands from now on", required: true)
    }
}
