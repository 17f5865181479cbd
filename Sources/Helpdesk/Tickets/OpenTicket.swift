internal import Codec
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
    /// Who it is for; nil: for whoever opens it.
    public var requester: Requester?
    /// How an agent is found for it; nil: as the desk's rules say.
    public var assignment: Rules.Assignment?

    /// Somebody that a ticket is opened for.
    public enum Requester: Sendable {
        case id(Person.ID)
        /// By address; who is not known yet is called `name`.
        case contact(email: String, name: String?)
    }

    public init() {}
}

extension Work {
    /// Opens a ticket of the caller's own, or for somebody else.
    ///
    /// Throws `.forbidden` to who may not open one for others, and `.invalid` when there is no such person.
    public func open(_ draft: TicketDraft, as caller: Caller) async throws -> Ticket {
        var requester = caller.party
        if let wanted = draft.requester {
            guard caller.mayOpenForOthers else { throw DeskError.forbidden("Only staff open tickets for others") }
            requester = try await self.requester(wanted, by: caller)
        }
        var ticket = Ticket(
            id: Ticket.ID(outside.newID()), title: draft.title, description: draft.description, priority: draft.priority,
            category: draft.category, type: draft.type, tags: try await db.spelled(draft.tags), requester: requester,
            channel: draft.channel,
            embedToken: outside.newToken(), at: now)
        ticket.assignee = try await agent(by: draft.assignment ?? rules.assignment)
        ticket.number = try await db.insert(ticket)
        try await moveLoad(from: nil, to: ticket.bearer)
        record(.ticketCreated, ticket, by: caller.party)
        if let assignee = ticket.assignee {
            record(.ticketAssigned, ticket, by: nil, [FieldChange("assignee", from: .null, to: .known(assignee))])
        }
        return ticket
    }
}
