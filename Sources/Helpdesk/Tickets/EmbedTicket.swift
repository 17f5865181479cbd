internal import Codec
public import Domain
internal import Storage

/// The four facts of a ticket that whoever holds its embed token may know.
public struct PublicFacts: Sendable {
    public let subject: String
    public let status: Status
    /// As customers see it.
    public let tally: Ticket.Tally
    public let token: UInt128
}

extension Look {
    /// The public facts of the ticket with this token. Throws `.notFound`.
    public func publicFacts(_ token: UInt128) async throws -> PublicFacts {
        let facts = try await db.first(
            """
            SELECT title, status, shown_revision, shown_comment_count, shown_updated_at FROM tickets
            WHERE embed_token = \(token) AND deleted_at IS NULL
            """
        ) { row in
            PublicFacts(
                subject: row.text(), status: row.word(),
                tally: Ticket.Tally(revision: row.int(), commentCount: row.int(), updatedAt: row.moment()), token: token)
        }
        guard let facts else { throw DeskError.notFound("Ticket not found") }
        return facts
    }
}

extension Work {
    /// Gives a ticket a new embed token; whoever held the old one sees nothing any more.
    public func rotateEmbedToken(of name: TicketName, expecting revision: Int? = nil, as caller: Caller) async throws -> Ticket {
        let before = try await db.ticketToChange(name)
        try before.mustBeChangeable(by: caller)
        guard caller.maySeeEmbedToken(of: before) else { throw DeskError.forbidden("You may not change the embed token") }
        try before.mustBe(at: revision, for: caller)
        var ticket = before
        ticket.embedToken = outside.newToken()
        ticket.advance(at: now)
        try await save(ticket, since: before)
        // That it is another is told; what it was and is opens something, and is not.
        record(.ticketUpdated, ticket, by: caller.party, [FieldChange("embed_token", from: .null, to: .null)])
        return ticket
    }
}
