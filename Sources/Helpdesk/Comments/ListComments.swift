public import Domain
internal import Storage

extension Look {
    /// A slice of what is said on a ticket that the caller may see, oldest first, without what they may not.
    public func comments(on name: TicketName, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Comment> {
        let ticket = try await ticket(name, as: caller)
        var found = try await db.comments(on: ticket.id, publicOnly: !caller.isStaff, slice)
        // The ticket keeps count.
        if slice.isCounted { found.total = min(ticket.tally(for: caller).commentCount, Slice<Comment>.mostCounted) }
        return found.map(shown)
    }

    /// The same of what is said in public, whoever asks.
    public func publicComments(on name: TicketName, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Comment> {
        let ticket = try await ticket(name, as: caller)
        return try await db.comments(on: ticket.id, publicOnly: true, slice).map(shown)
    }
}

extension Connection {
    /// A slice of the comments on a ticket, oldest first.
    func comments(on ticket: Ticket.ID, publicOnly: Bool, _ slice: SliceRequest) async throws -> Slice<Comment> {
        let page = slice.comments(on: ticket, publicOnly: publicOnly, engine)
        let rows = try await rows(page, slice, size: \.content.utf8.count) { $0.comment() }
        var found = Slice(
            rows, slice, at: { Position(key: $0.createdAt.milliseconds, tie: $0.id.bits) }, size: \.content.utf8.count)
        found.owner = ticket.bits
        return found
    }
}

extension SliceRequest {
    /// The slice's comments and one more.
    func comments(on ticket: Ticket.ID, publicOnly: Bool, _ engine: Engine) -> SQL {
        let seen: SQL = publicOnly ? " AND c.is_private = FALSE" : ""
        let after: SQL = after.map { " AND (c.created_at, c.id) > (\($0.key), \($0.tie))" } ?? ""
        let rows: SQL = """
            SELECT \(.commentColumns) FROM \(.commentsWithAuthors)
            WHERE c.ticket_id = \(ticket) AND c.deleted_at IS NULL\(seen)\(after)
            ORDER BY c.created_at, c.id\(room)
            """
        return bound(rows, size: "octet_length(q.content)", in: "q.created_at, q.id", on: engine)
    }
}
