internal import Codec
public import Domain
internal import Storage

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
    public let actor: Actor?
    public let ticket: Ticket.ID?
    /// Whether only staff may know of it.
    public let isPrivate: Bool
    /// The only one who may know of it, staff or not; nil for all who may see it.
    public let recipient: Person.ID?
    public internal(set) var subject: Subject
    public let changes: [FieldChange]
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

    /// Somebody, as they were called when they did it.
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

extension SQL {
    /// The columns of an event and of how what it tells of stands now, in the order in which `Row.event` reads them.
    static var eventColumns: SQL {
        """
        e.seq, e.id, e.type, e.at, e.actor_id, e.actor_name, e.ticket_id, e.is_private, e.data, e.changes,
        t.requester_id, t.assignee_id, t.deleted_at, c.deleted_at,
        CASE WHEN e.type LIKE 'article.%' THEN (SELECT w.is_published FROM articles w WHERE w.id = e.object_id) END, e.recipient_id
        """
    }

    static var eventColumnCount: Int { 16 }

    /// How many bytes the texts of an event `q` have.
    static var eventSize: SQL { "octet_length(q.data) + octet_length(q.changes)" }

    /// Stands behind `events e`, for the columns above.
    static var eventTicket: SQL { "LEFT JOIN tickets t ON t.id = e.ticket_id \(.eventComment)" }

    static var eventComment: SQL { "LEFT JOIN comments c ON c.id = e.object_id" }
}

/// A row of the log, and what it tells; nil for what a newer release wrote and this one does not know.
struct LoggedRow: Sendable {
    let seq: Int
    let event: Event?
    /// How many bytes its texts have.
    var size = 0
}

extension Row {
    mutating func event() -> LoggedRow {
        let seq = int()
        let id = id(of: Event.self)
        let type = withText { text in EventType.allCases.first { text.elementsEqual($0.rawValue.utf8) } }
        guard let type else { return LoggedRow(seq: seq, event: nil) }
        let at = moment()
        let actorID = optionalID(of: Person.self)
        let actorName = text()
        let ticket = optionalID(of: Ticket.self)
        let isPrivate = bool()
        var (subject, dataSize) = subject(of: type)
        let (changes, changesSize) = withText { (FieldChange.read($0), $0.count) }
        if changes == nil { refuse("changes that are none") }
        let requester = optionalID(of: Person.self)
        let assignee = optionalID(of: Person.self)
        let deletedAt = optionalMoment()
        let isCommentDeleted = optionalMoment() != nil
        let isArticleShown = optionalBool() ?? false
        let isTakenBack =
            type.isOfArticle ? !isArticleShown && type != .articleDeleted : isCommentDeleted && type != .commentDeleted
        let recipient = optionalID(of: Person.self)
        let actor = actorID.map { Event.Actor(id: $0, name: actorName) }
        if case .notification(var notification) = subject {
            notification.actor = actor.map { Party(id: $0.id, name: $0.name, email: nil, role: .guest) }
            subject = .notification(notification)
        }
        return LoggedRow(
            seq: seq,
            event: Event(
                seq: seq, id: id, type: type, at: at, actor: actor, ticket: ticket, isPrivate: isPrivate, recipient: recipient,
                subject: subject, changes: changes ?? [],
                standing: requester.map { TicketStanding(requester: $0, assignee: assignee, isInBin: deletedAt != nil) },
                isTakenBack: isTakenBack),
            size: dataSize + changesSize)
    }

    /// What an event tells of, and how many bytes that has in the log.
    private mutating func subject(of type: EventType) -> (Event.Subject, size: Int) {
        var size = 0
        let subject: Event.Subject? = withText { bytes in
            size = bytes.count
            if bytes.count <= "{}".utf8.count { return .erased }
            switch type {
            case .ticketCreated, .ticketUpdated, .ticketAssigned, .ticketStatusChanged, .ticketDeleted, .ticketRestored:
                return (try? TicketSnapshot.shape.read(ours: bytes)).map { .ticket($0.ticket) }
            case .commentCreated, .commentUpdated, .commentDeleted:
                return (try? CommentSnapshot.shape.read(ours: bytes)).map { .comment($0.comment) }
            case .articleCreated, .articleUpdated, .articlePublished, .articleUnpublished, .articleDeleted:
                return (try? ArticleSnapshot.shape.read(ours: bytes)).map { .article($0.article) }
            case .userCreated, .userUpdated, .userDeleted, .userSignedOut:
                return (try? PersonSnapshot.shape.read(ours: bytes)).map { .person($0.person) }
            case .notificationCreated:
                return (try? NotificationSnapshot.shape.read(ours: bytes)).map { .notification($0.notification) }
            }
        }
        if let subject { return (subject, size) }
        refuse("an event's data that is none")
        return (.erased, size)
    }
}
