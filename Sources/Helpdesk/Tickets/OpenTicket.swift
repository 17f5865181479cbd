public import Domain

/// What it takes to open a ticket.
public struct TicketDraft: Sendable {
    public var title = ""
    public var description = ""
    public var priority: Priority = .medium
    public var category: String?
    public var type: String?
    public var tags: [String] = []
    public var channel: Channel = .api

    public init() {}
}

extension Work {
    /// Opens a ticket of the caller's own.
    public func open(_ draft: TicketDraft, as caller: Caller) async throws -> Ticket {
        var ticket = Ticket(
            id: Ticket.ID(outside.newID()), title: draft.title, description: draft.description, priority: draft.priority,
            category: draft.category, type: draft.type, tags: draft.tags, requester: caller.party, channel: draft.channel,
            embedToken: outside.newToken(), at: now)
        ticket.number = try await db.insert(ticket)
        record(.ticketCreated, ticket, by: caller.party)
        return ticket
    }
}
