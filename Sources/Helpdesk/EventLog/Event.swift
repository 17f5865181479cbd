public import Domain

/// A row of the log.
public struct Event: Sendable {
    public typealias ID = Identifier<Event>

    /// What it tells of, as that was after the change.
    public enum Subject: Sendable, Equatable {
        case ticket(Ticket)
        case comment(Comment)
        case article(Article)
        case person(Person)
        case notification(Notification)
        /// It was erased, as the law may demand.
        case erased
    }

    public let seq: Int
    public let id: ID
    public let type: EventType
    public let at: Moment
    /// Who did it; nil for the desk itself.
    public internal(set) var actor: Actor?
    public let ticket: Ticket.ID?
    /// Whether only staff may know of it.
    public let isPrivate: Bool
    /// The only one who may know of it, staff or not; nil for all who may see it.
    public let recipient: Person.ID?
    public internal(set) var subject: Subject
    public internal(set) var changes: [FieldChange]
    /// How its ticket stands now, when it is about one that is still there.
    public let standing: TicketStanding?
    /// Whether it tells words that were taken away since: of a comment that was deleted, of an article that is gone or a draft again.
    public let isTakenBack: Bool

    public init(
        seq: Int, id: ID, type: EventType, at: Moment, actor: Actor?, ticket: Ticket.ID?, isPrivate: Bool, recipient: Person.ID? = nil,
        subject: Subject, changes: [FieldChange], standing: TicketStanding?, isTakenBack: Bool = false
    ) {
        self.seq = seq
        self.id = id
        self.type = type
        self.at = at
        self.actor = actor
        self.ticket = ticket
        self.isPrivate = isPrivate
        self.recipient = recipient
        self.subject = subject
        self.changes = changes
        self.standing = standing
        self.isTakenBack = isTakenBack
    }

    /// Somebody, as they are called now.
    public struct Actor: Sendable, Equatable {
        public let id: Person.ID
        public let name: String

        public init(id: Person.ID, name: String) {
            self.id = id
            self.name = name
        }
    }
}

extension Caller {
    /// Whoever sees a ticket now sees what happened to it, without what is private or was taken back unless they are staff. Of what is
    /// about no ticket, articles that are published are everybody's, and all else the staff's. Of tickets that are gone only admins learn.
    /// What is told to somebody alone only they see, and only as long as they see the ticket.
    public func maySee(_ event: Event) -> Bool {
        if let recipient = event.recipient, recipient != id { return false }
        if event.isPrivate || event.isTakenBack || (event.ticket == nil && !event.type.isOfArticle), !isStaff { return false }
        guard event.ticket != nil else { return true }
        return event.standing.map { maySee($0) } ?? isAdmin
    }
}
