public import Domain
internal import Storage

// Lists without pages, for clients that know none: tickets newest first, comments oldest first. They cost what their limit costs.

extension Look {
    /// What is said in public on a ticket that the caller may see.
    public func publicComments(on name: TicketName, atMost limit: Int, as caller: Caller) async throws -> [Comment] {
        let ticket = try await ticket(name, as: caller)
        return try await db.all(
            """
            SELECT \(.commentColumns) FROM \(.commentsWithAuthors)
            WHERE c.ticket_id = \(ticket.id) AND c.deleted_at IS NULL AND c.is_private = FALSE
            ORDER BY c.created_at, c.id LIMIT \(limit)
            """
        ) { $0.comment() }.map(shown)
    }

    /// Whatever is on the desk, for everybody to see where its tickets are public.
    public func allTickets(atMost limit: Int) async throws -> [Ticket] {
        try await db.all(
            """
            SELECT \(.ticketColumns) FROM tickets t \(.ticketPeople) WHERE t.deleted_at IS NULL
            ORDER BY t.number DESC LIMIT \(limit)
            """
        ) { $0.ticket() }
    }

    /// What somebody has opened, as far as the caller may see it; of any status when none is named. Throws `.notFound` when there is no
    /// such person.
    public func tickets(
        of requester: Person.ID, _ statuses: [Status], atMost limit: Int, as caller: Caller
    ) async throws -> [Ticket] {
        _ = try await db.person(requester)
        let isOne: SQL = statuses.isEmpty ? "" : " AND t.status IN \(list: statuses)"
        let isSeen: SQL = caller.isKeptToOwnWork ? " AND (t.assignee_id IS NULL OR t.assignee_id = \(caller.id))" : ""
        return try await db.all(
            """
            SELECT \(.ticketColumns) FROM tickets t \(.ticketPeople)
            WHERE t.requester_id = \(requester) AND t.deleted_at IS NULL\(isOne)\(isSeen)
            ORDER BY t.created_at DESC, t.number DESC LIMIT \(limit)
            """
        ) { $0.ticket() }
    }
}
