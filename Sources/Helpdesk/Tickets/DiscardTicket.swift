public import Domain

extension Work {
    /// Puts a ticket in the bin, where only admins see it. After a while it is gone: see `Desk.emptyBin`.
    public func discard(_ name: TicketName, expecting revision: Int? = nil, as caller: Caller) async throws {
        let before = try await db.ticketToChange(name)
        try before.mustBeSeen(by: caller)
        guard caller.mayDiscard else { throw DeskError.forbidden("Only admins delete tickets") }
        try before.mustBe(at: revision, for: caller)
        guard before.deletedAt == nil else { return }
        var ticket = before
        ticket.deletedAt = now
        ticket.advance(isShown: false, at: now)
        try await save(ticket, since: before)
        record(.ticketDeleted, ticket, by: caller.party, isPrivate: true)
    }

    /// Takes a ticket out of the bin as it was.
    public func restore(_ name: TicketName, expecting revision: Int? = nil, as caller: Caller) async throws -> Ticket {
        let before = try await db.ticketToChange(name)
        try before.mustBeSeen(by: caller)
        guard caller.mayDiscard else { throw DeskError.forbidden("Only admins restore tickets") }
        try before.mustBe(at: revision, for: caller)
        guard before.deletedAt != nil else { return before }
        var ticket = before
        ticket.deletedAt = nil
        ticket.advance(isShown: false, at: now)
        try await save(ticket, since: before)
        record(.ticketRestored, ticket, by: caller.party, isPrivate: true)
        return ticket
    }
}
