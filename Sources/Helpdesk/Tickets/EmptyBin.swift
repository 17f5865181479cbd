internal import Domain
internal import Storage

extension Desk {
    /// How long a ticket lies in the bin.
    static let binDays = 30

    /// Deletes for good what has been in the bin for thirty days: the tickets with all that is on them, and their words in the log.
    /// Several nodes may do so at once. Returns how many tickets went.
    @discardableResult
    public func emptyBin() async throws -> Int { try await inBatches { work in try await work.emptyBin() } }
}

extension Work {
    fileprivate func emptyBin() async throws -> Batch {
        let tickets = try await db.all(
            """
            SELECT id FROM tickets WHERE deleted_at <= \(now.adding(days: -Desk.binDays))
            ORDER BY deleted_at, number LIMIT \(Batch.most)\(db.engine.claim)
            """
        ) { $0.id(of: Ticket.self) }
        if tickets.isEmpty { return Batch(0) }
        try await db.settleSearch()
        // The rows stay, so that readers of the log see no hole; what they said does not.
        try await db.run("UPDATE events SET data = '{}', changes = '{}', old_text = NULL WHERE ticket_id IN \(list: tickets)")
        try await db.releaseAttachments(of: tickets, at: now)
        try await db.run("DELETE FROM notifications WHERE ticket_id IN \(list: tickets)")
        return Batch(try await db.run("DELETE FROM tickets WHERE id IN \(list: tickets)"))
    }
}
