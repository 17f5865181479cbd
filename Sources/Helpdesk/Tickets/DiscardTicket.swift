public import Domain

extension Work {
    /// Puts a ticket in the bin, where only admins see it. After a while it is gone: see `Desk.emptyBin`.
    public func discard(_ name: TicketName, expecting revision: Int? = nil, as caller: Caller) async throws {
        let before = try await db.ticketToChange(name)
        let ticket = try before.discarded(by: caller, expecting: revision, at: now)
        _ = try await keep(ticket, movedFrom: before, by: caller)
    }

    /// Takes a ticket out of the bin as it was.
    public func restore(_ name: TicketName, expecting revision: Int? = nil, as caller: Caller) async throws -> Ticket {
        let before = try await db.ticketToChange(name)
        let ticket = try before.restored(by: caller, expecting: revision)
        return try await keep(ticket, movedFrom: before, by: caller)
    }

    /// Writes a ticket that went to the bin or came out of it, and tells the staff. One that lay there already leaves no trace.
    func keep(_ moved: Ticket, movedFrom before: Ticket, by caller: Caller) async throws -> Ticket {
        if moved.deletedAt == before.deletedAt { return before }
        var ticket = moved
        ticket.advance(isShown: false, at: now)
        try await save(ticket, since: before)
        record(ticket.deletedAt == nil ? .ticketRestored : .ticketDeleted, ticket, by: caller.party, isPrivate: true)
        return ticket
    }
}

extension Ticket {
    func discarded(by caller: Caller, expecting revision: Int? = nil, at now: Moment) throws -> Ticket {
        try mustBeSeen(by: caller)
        guard caller.mayDiscard else { throw DeskError.forbidden("Only admins delete tickets") }
        try mustBe(at: revision, for: caller)
        var ticket = self
        ticket.deletedAt = deletedAt ?? now
        return ticket
    }

    func restored(by caller: Caller, expecting revision: Int? = nil) throws -> Ticket {
        try mustBeSeen(by: caller)
        guard caller.mayDiscard else { throw DeskError.forbidden("Only admins restore tickets") }
        try mustBe(at: revision, for: caller)
        var ticket = self
        ticket.deletedAt = nil
        return ticket
    }
}
