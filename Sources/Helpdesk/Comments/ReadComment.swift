public import Domain

extension Look {
    /// A comment on a ticket, both of which the caller may see. Throws `.notFound` for every other.
    public func comment(_ id: Comment.ID, on name: TicketName, as caller: Caller) async throws -> Comment {
        let ticket = try await ticket(name, as: caller)
        let comment = try await db.comment(id, on: ticket.id)
        guard caller.maySee(comment) else { throw DeskError.notFound("Comment not found") }
        return shown(comment)
    }
}
