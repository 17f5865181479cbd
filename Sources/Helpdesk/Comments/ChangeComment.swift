public import Domain

extension Work {
    /// Puts a comment's words right. What they were before stays in the history.
    ///
    /// Throws `.forbidden` to who neither wrote it nor is an admin, and `.stale` when the caller knows an older revision.
    public func edit(
        _ id: Comment.ID, on name: TicketName, content: String, expecting revision: Int?, as caller: Caller
    ) async throws -> Comment {
        var (ticket, comment) = try await commentToChange(id, on: name, expecting: revision, as: caller)
        let before = (ticket: ticket, content: comment.content)
        guard content != before.content else { return shown(comment) }
        comment.content = content
        comment.updatedAt = max(now, comment.updatedAt)
        comment.revision += 1
        ticket.advance(isShown: comment.type == .public, at: now)
        try await db.save(comment)
        try await saveProgress(ticket, since: before.ticket)
        var changes = FieldChanges()
        changes.note("content", before.content, content)
        record(.commentUpdated, comment, by: caller.party, changes.list)
        return shown(comment)
    }

    /// Takes a comment away, and its files. Throws as `edit` does.
    public func delete(_ id: Comment.ID, on name: TicketName, expecting revision: Int?, as caller: Caller) async throws {
        var (ticket, comment) = try await commentToChange(id, on: name, expecting: revision, as: caller)
        let before = ticket
        ticket.advance(comments: -1, isShown: comment.type == .public, at: now)
        try await db.delete(comment, at: now)
        if !comment.attachments.isEmpty { try await db.releaseAttachments(of: comment.id, at: now) }
        try await saveProgress(ticket, since: before)
        // Whoever reads the log later learns that it is gone, not what it said.
        comment.content = ""
        comment.links = []
        comment.attachments = []
        comment.updatedAt = now
        comment.revision += 1
        record(.commentDeleted, comment, by: caller.party)
    }

    /// A comment and its ticket, whose counts and times follow, locked and in the caller's reach.
    private func commentToChange(
        _ id: Comment.ID, on name: TicketName, expecting revision: Int?, as caller: Caller
    ) async throws -> (Ticket, Comment) {
        let ticket = try await db.ticketToChange(name)
        try ticket.mustBeChangeable(by: caller)
        let comment = try await db.comment(id, on: ticket.id)
        guard caller.maySee(comment) else { throw DeskError.notFound("Comment not found") }
        try comment.mustBeChangeable(by: caller)
        try comment.mustBe(at: revision)
        return (ticket, comment)
    }
}
