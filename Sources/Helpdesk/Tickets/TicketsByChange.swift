internal import Domain
internal import Storage

extension Connection {
    /// Moves a ticket to its place in the order of last changes. What is in the bin has none.
    func moveInOrder(_ ticket: Ticket, since before: Ticket) async throws {
        let (updatedAt, was) = (ticket.tally.updatedAt, before.tally.updatedAt)
        switch (before.deletedAt == nil, ticket.deletedAt == nil) {
        case (true, true):
            guard ticket.status != before.status || updatedAt != was else { return }
            try await runSoon(
                """
                UPDATE tickets_by_change SET status = \(ticket.status), updated_at = \(updatedAt)
                WHERE status = \(before.status) AND updated_at = \(was) AND ticket_number = \(ticket.number)
                """)
        case (true, false):
            try await runSoon(
                """
                DELETE FROM tickets_by_change
                WHERE status = \(before.status) AND updated_at = \(was) AND ticket_number = \(ticket.number)
                """)
        case (false, true):
            try await addToOrder(ticket.number, ticket)
        case (false, false): break
        }
    }

    /// Gives a ticket its place in the order of last changes.
    func addToOrder(_ number: Int, _ ticket: Ticket) async throws {
        try await runSoon(
            """
            INSERT INTO tickets_by_change (status, updated_at, ticket_number)
            VALUES (\(ticket.status), \(ticket.tally.updatedAt), \(number))
            """)
    }
}
