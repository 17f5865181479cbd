// Who may do what: one function each, with the rule in prose above it. Whoever may not see a ticket gets "not found", on changes too.

extension Caller {
    /// Whoever opened a ticket sees it. Admins see all. Agents see all, or, where agents are kept to their own work, what is assigned
    /// to them and what is assigned to nobody. What is in the bin only admins see.
    public func maySee(_ ticket: Ticket) -> Bool {
        maySee(ticket.standing)
    }

    /// The same, asked of no more than it depends on.
    public func maySee(_ ticket: TicketStanding) -> Bool {
        if ticket.isInBin { return isAdmin }
        if isAdmin || ticket.requester == id { return true }
        guard role == .agent else { return false }
        return !seesAssignedOnly || ticket.assignee == nil || ticket.assignee == id
    }

    /// Whoever opened a ticket and whoever works on it talk on it, and admins; every agent where agents are not kept to their own work.
    public func mayChat(on ticket: TicketStanding) -> Bool {
        guard maySee(ticket) else { return false }
        return isAdmin || ticket.requester == id || ticket.assignee == id || !seesAssignedOnly
    }

    /// Staff see all comments of a ticket that they see; everybody else the public ones.
    public func maySee(_ comment: Comment) -> Bool { comment.type == .public || isStaff }

    /// A file is seen by whoever sees its comment, and as long as it has none by who sent it.
    public func maySee(_ file: AttachmentStanding) -> Bool {
        guard let comment = file.comment else { return file.uploader == id }
        return maySee(comment.ticket) && (comment.type == .public || isStaff)
    }

    /// The requester may close the ticket and open it again; every other move is the staff's.
    public func mayMove(_ ticket: Ticket, to status: Status) -> Bool {
        if isStaff { return true }
        return status == .closed || (status == .open && (ticket.status == .closed || ticket.status == .resolved))
    }

    /// Staff may open a ticket for somebody else.
    public var mayOpenForOthers: Bool { isStaff }

    /// Staff follow tickets, and let other staff follow them.
    public var mayFollow: Bool { isStaff }

    /// The requester may put title and description right; everything else about a ticket is the staff's.
    public func mayDescribe(_ ticket: Ticket) -> Bool { isStaff || ticket.requester.id == id }

    /// Staff sort tickets: priority, category, type, tags, tier.
    public var mayTriage: Bool { isStaff }

    /// Admins assign anybody. Agents too, unless they are kept to their own work: then only themselves.
    public func mayAssign(to assignee: Person.ID?) -> Bool {
        if isAdmin { return true }
        guard role == .agent else { return false }
        return !seesAssignedOnly || assignee == id
    }

    /// Only staff write privately; the requester writes in public.
    public func mayComment(_ type: CommentType) -> Bool { type == .public || isStaff }

    /// A comment is its author's, and an admin's, to edit or delete.
    public func mayChange(_ comment: Comment) -> Bool { comment.author.id == id || isAdmin }

    /// Only admins put tickets in the bin, and take them out.
    public var mayDiscard: Bool { isAdmin }

    /// Only admins make agents and admins, and an API key only when it is for that.
    public var mayMakeStaff: Bool { isAdmin && mayUse(.admin) }

    /// Only admins add people, change them and delete them, and an API key only when it is for that.
    public var mayManagePeople: Bool { isAdmin && mayUse(.admin) }

    /// Only admins see and change what mails say, and an API key only when it is for that.
    public var mayManageTemplates: Bool { isAdmin && mayUse(.admin) }

    /// Whoever opened the ticket, and staff, know the token that opens its public facts.
    public func maySeeEmbedToken(of ticket: Ticket) -> Bool { isStaff || ticket.requester.id == id }
}

extension Ticket {
    public var standing: TicketStanding {
        TicketStanding(requester: requester.id, assignee: assignee?.id, isInBin: deletedAt != nil)
    }

    /// Throws `.notFound` when the caller may not see it.
    public func mustBeSeen(by caller: Caller) throws(DeskError) {
        guard caller.maySee(self) else { throw .notFound("Ticket not found") }
    }

    /// The same for who would change it: what is in the bin stays as it is. Throws `.notFound`, or `.conflict` for what is in the bin.
    public func mustBeChangeable(by caller: Caller) throws(DeskError) {
        try mustBeSeen(by: caller)
        guard deletedAt == nil else { throw .conflict("This ticket is in the bin: restore it first") }
    }

    /// Throws `.stale` unless the caller knows the ticket as it is now, as far as this caller can see. Nil is known to everybody.
    public func mustBe(at revision: Int?, for caller: Caller) throws(DeskError) {
        guard revision == nil || revision == tally(for: caller).revision else { throw .stale }
    }
}

extension Comment {
    /// Throws `.stale` unless the caller knows the comment as it is now.
    public func mustBe(at known: Int?) throws(DeskError) {
        guard known == nil || known == revision else { throw .stale }
    }

    /// Throws `.forbidden` when it is another's.
    public func mustBeChangeable(by caller: Caller) throws(DeskError) {
        guard caller.mayChange(self) else { throw .forbidden("Only its author may change a comment") }
    }
}

/// What of a ticket decides who may see it.
public struct TicketStanding: Sendable, Equatable {
    public let requester: Person.ID
    public let assignee: Person.ID?
    public let isInBin: Bool

    public init(requester: Person.ID, assignee: Person.ID?, isInBin: Bool) {
        self.requester = requester
        self.assignee = assignee
        self.isInBin = isInBin
    }
}

/// What of a file decides who may see it.
public struct AttachmentStanding: Sendable {
    public let uploader: Person.ID
    /// The comment that it is on; nil while it waits for one.
    public let comment: (ticket: TicketStanding, type: CommentType)?

    public init(uploader: Person.ID, comment: (ticket: TicketStanding, type: CommentType)?) {
        self.uploader = uploader
        self.comment = comment
    }
}
