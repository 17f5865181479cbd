public import Codec
public import Domain

/// What of a ticket shall become other; what is nil or absent stays.
public struct TicketEdit: Sendable {
    public var title: String?
    public var description: String?
    public var status: Status?
    public var priority: Priority?
    public var category = Change<String>.absent
    public var type = Change<String>.absent
    public var tags = Change<[String]>.absent
    /// What comes to its tags, and what goes from them.
    public var addedTags: [String] = []
    public var removedTags: [String] = []
    public var supportRole: SupportRole?
    /// Cleared, it is nobody's.
    public var assignee = Change<PersonName>.absent
    /// What the assignee is called where it was given, for the fault that tells of one who cannot be one.
    public var assigneeField = "assignee"

    public init() {}
}

extension Work {
    /// Changes a ticket, and tells of it in one event. What changes nothing leaves no trace.
    ///
    /// Throws `.forbidden` for what is not the caller's to change, `.stale` when the caller knows an older revision, `.conflict` for a
    /// move that is none, and `.invalid` for an assignee who cannot be one.
    public func change(
        _ name: TicketName, _ edit: TicketEdit, expecting revision: Int? = nil, as caller: Caller
    ) async throws -> Ticket {
        let edit = try await edit.spelled(by: self)
        let before = try await db.ticketToChange(name)
        try before.mustBeChangeable(by: caller)
        try edit.mustBeAllowed(on: before, for: caller)
        try before.mustBe(at: revision, for: caller)
        var ticket = before
        try await assign(&ticket, edit, as: caller)
        try edit.apply(to: &ticket, as: caller, reopenDays: rules.reopenDays, at: now)
        return try await keep(ticket, changedFrom: before, by: caller)
    }

    /// Writes a ticket that was changed, and tells of it, if anything of it is other than before. Gives it as it is now.
    func keep(_ changed: Ticket, changedFrom before: Ticket, by caller: Caller) async throws -> Ticket {
        let changes = before.changes(to: changed)
        if changes.isEmpty { return before }
        var ticket = changed
        ticket.advance(at: now)
        try await save(ticket, since: before)
        record(EventType(of: changes), ticket, by: caller.party, changes)
        return ticket
    }
}

extension TicketEdit {
    /// Throws `.forbidden` for what the caller may not change, whatever it would become.
    func mustBeAllowed(on ticket: Ticket, for caller: Caller) throws {
        if title != nil || description != nil, !caller.mayDescribe(ticket) {
            throw DeskError.forbidden("You may not change what this ticket says")
        }
        if sorts, !caller.mayTriage {
            throw DeskError.forbidden("You may change title and description, close the ticket and open it again")
        }
        if let status, status != ticket.status, !caller.mayMove(ticket, to: status) {
            throw DeskError.forbidden("You may close the ticket, and open it again")
        }
    }

    /// Whether it touches what staff sort tickets by.
    private var sorts: Bool {
        priority != nil || supportRole != nil || category != .absent || type != .absent || tags != .absent || assignee != .absent
            || !addedTags.isEmpty || !removedTags.isEmpty
    }

    func apply(to ticket: inout Ticket, as caller: Caller, reopenDays: Int, at now: Moment) throws {
        if let title { ticket.title = title }
        if let description { ticket.description = description }
        if let priority { ticket.priority = priority }
        if let supportRole { ticket.supportRole = supportRole }
        ticket.category = category.applied(to: ticket.category)
        ticket.type = type.applied(to: ticket.type)
        ticket.tags = tags.applied(to: ticket.tags) ?? []
        try applyTags(to: &ticket)
        guard let status, status != ticket.status else { return }
        // What a reply cannot open again, its writer cannot open otherwise.
        if ticket.status == .closed, !caller.isStaff { try ticket.mustBeReopenable(reopenDays: reopenDays, at: now) }
        _ = try ticket.move(to: status, at: now)
    }

    /// How many tags a ticket has at most.
    static let mostTags = 20

    private func applyTags(to ticket: inout Ticket) throws {
        if addedTags.isEmpty, removedTags.isEmpty { return }
        ticket.tags.removeAll { removedTags.contains($0) }
        for tag in addedTags where !ticket.tags.contains(tag) { ticket.tags.append(tag) }
        guard ticket.tags.count <= Self.mostTags else {
            throw DeskError.invalid([InvalidField("add_tags", "too_long", "A ticket has \(Self.mostTags) tags at most")])
        }
    }
}
