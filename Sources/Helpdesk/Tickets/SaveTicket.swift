internal import Domain
internal import Storage

// A ticket that was changed is written, its assignee's load with it.

extension Work {
    /// Writes all of a ticket that may have changed.
    func save(_ ticket: Ticket, since before: Ticket) async throws {
        try await db.save(ticket)
        try await db.moveInOrder(ticket, since: before)
        if ticket.tags != before.tags { try await db.replaceTags(of: ticket) }
        try await moveLoad(from: before.bearer, to: ticket.bearer)
    }

    /// Writes what comments move: where the ticket stands and how far it has come, and none of its words.
    func saveProgress(_ ticket: Ticket, since before: Ticket) async throws {
        try await db.saveProgress(ticket)
        try await db.moveInOrder(ticket, since: before)
        try await moveLoad(from: before.bearer, to: ticket.bearer)
    }

    /// Keeps count of the tickets that somebody has to work on.
    func moveLoad(from before: Person.ID?, to after: Person.ID?) async throws {
        guard before != after else { return }
        if loads != nil {
            if let before { loads?[before, default: 0] -= 1 }
            if let after { loads?[after, default: 0] += 1 }
            return
        }
        let people = [before, after].compactMap { $0 }
        try await db.runSoon(
            """
            UPDATE people SET open_tickets = open_tickets + CASE WHEN id = \(after ?? Person.ID(0)) THEN 1 ELSE -1 END
            WHERE id IN \(list: people)
            """)
    }

    /// Writes at the end of `body` how people's loads have changed in it, in one order: who changes many tickets holds many tickets' locks,
    /// and must not take people's in whatever order they come.
    func gatheringLoads<Result>(_ body: () async throws -> Result) async throws -> Result {
        loads = [:]
        let result = try await body()
        let changed = (loads ?? [:]).filter { $0.value != 0 }.sorted { $0.key.bits < $1.key.bits }
        loads = nil
        for (person, change) in changed {
            try await db.runSoon("UPDATE people SET open_tickets = open_tickets + \(change) WHERE id = \(person)")
        }
        return result
    }
}

// Nobody else writes these: what is found by a ticket's status and times would stay behind.
extension Connection {
    /// Writes all that may have changed of a ticket but its tags' index.
    fileprivate func save(_ ticket: Ticket) async throws {
        try await runSoon(
            """
            UPDATE tickets SET
                title = \(ticket.title), description = \(ticket.description), status = \(ticket.status),
                priority = \(ticket.priority), category = \(ticket.category), type = \(ticket.type), tags = \(stored(ticket.tags)),
                requester_id = \(ticket.requester.id), assignee_id = \(ticket.assignee?.id), support_role = \(ticket.supportRole),
                embed_token = \(ticket.embedToken), first_responded_at = \(ticket.firstRespondedAt),
                resolved_at = \(ticket.resolvedAt), closed_at = \(ticket.closedAt), deleted_at = \(ticket.deletedAt),
                revision = \(ticket.tally.revision), comment_count = \(ticket.tally.commentCount),
                updated_at = \(ticket.tally.updatedAt), shown_revision = \(ticket.shownTally.revision),
                shown_comment_count = \(ticket.shownTally.commentCount), shown_updated_at = \(ticket.shownTally.updatedAt),
                status_since = \(ticket.course.statusSince), reopenings = \(ticket.course.reopenings),
                first_resolved_at = \(ticket.course.firstResolvedAt), last_resolved_at = \(ticket.course.lastResolvedAt)
            WHERE id = \(ticket.id)
            """)
    }

    /// Writes where a ticket stands and how far it has come.
    fileprivate func saveProgress(_ ticket: Ticket) async throws {
        try await runSoon(
            """
            UPDATE tickets SET
                status = \(ticket.status), first_responded_at = \(ticket.firstRespondedAt), resolved_at = \(ticket.resolvedAt),
                closed_at = \(ticket.closedAt), revision = \(ticket.tally.revision), comment_count = \(ticket.tally.commentCount),
                updated_at = \(ticket.tally.updatedAt), shown_revision = \(ticket.shownTally.revision),
                shown_comment_count = \(ticket.shownTally.commentCount), shown_updated_at = \(ticket.shownTally.updatedAt),
                status_since = \(ticket.course.statusSince), reopenings = \(ticket.course.reopenings),
                first_resolved_at = \(ticket.course.firstResolvedAt), last_resolved_at = \(ticket.course.lastResolvedAt)
            WHERE id = \(ticket.id)
            """)
    }
}
