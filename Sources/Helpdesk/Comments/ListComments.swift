public import Domain
internal import Storage

extension Look {
    /// A slice of what is said on a ticket that the caller may see, oldest first, without what they may not.
    public func comments(on name: TicketName, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Comment> {
        let ticket = try await ticket(name, as: caller)
        let comments = try await db.all(slice.comments(on: ticket.id, as: caller)) { $0.comment() }.map(shown)
        // The ticket keeps count.
        let total = slice.isCounted ? min(ticket.tally(for: caller).commentCount, Slice<Comment>.mostCounted) : nil
        return Slice(comments, limit: slice.limit, total: total) { Position(key: $0.createdAt.milliseconds, tie: $0.id.bits) }
    }
}

extension SliceRequest {
    /// The slice's comments and one more.
    func comments(on ticket: Ticket.ID, as caller: Caller) -> SQL {
        let seen: SQL = caller.isStaff ? "" : " AND c.is_private = FALSE"
        let after: SQL = after.map { " AND (c.created_at, c.id) > (\($0.key), \($0.tie))" } ?? ""
        return """
            SELECT \(.commentColumns) FROM \(.commentsWithAuthors)
            WHERE c.ticket_id = \(ticket) AND c.deleted_at IS NULL\(seen)\(after)
            ORDER BY c.created_at, c.id\(room)
            """
    }
}
