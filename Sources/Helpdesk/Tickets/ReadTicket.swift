public import Domain

extension Look {
    /// A ticket that the caller may see. Throws `.notFound` for every other.
    public func ticket(_ name: TicketName, as caller: Caller) async throws -> Ticket {
        let ticket = try await db.ticket(name)
        try ticket.mustBeSeen(by: caller)
        return ticket
    }
}
