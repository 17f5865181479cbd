internal import Codec
internal import Domain
internal import Storage

// How rows of the log are read. A row holds ids and what changed; names and long texts are read from where they are kept: so erasing
// somebody is erasing their own row, and a text is written once, however much happens to what it belongs to.
//
// A change of a long text keeps the text before it, `old_text`. What the text was behind an event is what the next such change has kept, or
// what the ticket, comment or article says now.

extension SQL {
    /// The columns of an event and of what it tells of, in the order in which `Row.event` reads them.
    static var eventColumns: SQL {
        """
        e.seq, e.id, e.type, e.at, e.actor_id, e.ticket_id, e.object_id, e.is_private, e.recipient_id, e.data, e.changes, e.old_text,
        \(.newText) AS new_text, c.links, c.attachments, t.requester_id, t.assignee_id, t.deleted_at, c.deleted_at,
        CASE WHEN e.type LIKE 'article.%' THEN (SELECT w.is_published FROM articles w WHERE w.id = e.object_id) END
        """
    }

    static var eventColumnCount: Int { 20 }

    /// How many bytes the texts of an event `q` have.
    static var eventSize: SQL {
        "octet_length(q.data) + octet_length(q.changes) + COALESCE(octet_length(q.old_text), 0) + COALESCE(octet_length(q.new_text), 0)"
    }

    /// Stands behind `events e`, for the columns above.
    static var eventTicket: SQL { "LEFT JOIN tickets t ON t.id = e.ticket_id \(.eventComment)" }

    static var eventComment: SQL { "LEFT JOIN comments c ON c.id = e.object_id" }

    /// The long text of what an event `e` tells of, as it was behind it.
    static var newText: SQL {
        """
        CASE WHEN e.type IN ('comment.created', 'comment.updated') THEN COALESCE(\(.nextOldText), c.content)
            WHEN e.type LIKE 'ticket.%' THEN COALESCE(\(.nextOldText), t.description)
            WHEN e.type LIKE 'article.%' AND e.type <> 'article.deleted'
                THEN COALESCE(\(.nextOldText), (SELECT w.content FROM articles w WHERE w.id = e.object_id)) END
        """
    }

    private static var nextOldText: SQL {
        """
        (SELECT n.old_text FROM events n WHERE n.object_id = e.object_id AND n.seq > e.seq AND n.old_text IS NOT NULL
            ORDER BY n.seq LIMIT 1)
        """
    }
}

/// A row of the log, and what it tells; nil for what a newer release wrote and this one does not know.
struct LoggedRow: Sendable {
    let seq: Int
    var event: Event?
    /// How many bytes its texts have.
    var size = 0
}

extension Row {
    /// A row of the log, without names: `Connection.named` adds them.
    mutating func event() -> LoggedRow {
        let seq = int()
        let id = id(of: Event.self)
        let type = withText { text in EventType.allCases.first { text.elementsEqual($0.rawValue.utf8) } }
        guard let type else { return LoggedRow(seq: seq, event: nil) }
        let at = moment()
        let actor = optionalID(of: Person.self)
        let ticket = optionalID(of: Ticket.self)
        let object = uuid()
        let isPrivate = bool()
        let recipient = optionalID(of: Person.self)
        var (subject, dataSize) = subject(of: type, seq, object)
        let (changes, changesSize) = withText { (FieldChange.read($0), $0.count) }
        if changes == nil { pass(over: "the changes of event \(seq)") }
        let (oldText, newText) = (optionalText(), optionalText())
        subject.take(newText)
        if isNextNull { skip(2) } else { subject.take(links: texts(), attachments: attachments()) }
        let requester = optionalID(of: Person.self)
        let assignee = optionalID(of: Person.self)
        let deletedAt = optionalMoment()
        let isCommentDeleted = optionalMoment() != nil
        let isArticleShown = optionalBool() ?? false
        let isTakenBack =
            type.isOfArticle ? !isArticleShown && type != .articleDeleted : isCommentDeleted && type != .commentDeleted
        return LoggedRow(
            seq: seq,
            event: Event(
                seq: seq, id: id, type: type, at: at, actor: actor.map { Event.Actor(id: $0, name: "") }, ticket: ticket,
                isPrivate: isPrivate, recipient: recipient, subject: subject,
                changes: (changes ?? []).map { $0.withTexts(oldText, newText) },
                standing: requester.map { TicketStanding(requester: $0, assignee: assignee, isInBin: deletedAt != nil) },
                isTakenBack: isTakenBack),
            size: dataSize + changesSize + (oldText?.utf8.count ?? 0) + (newText?.utf8.count ?? 0))
    }

    /// What an event tells of, and how many bytes that has in the log. What cannot be read counts as erased: nobody has to stop there.
    private mutating func subject(of type: EventType, _ seq: Int, _ object: UInt128) -> (Event.Subject, size: Int) {
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
            case .userCreated, .userUpdated, .userDeleted, .userSignedOut: return .person(.known(by: Identifier(object)))
            case .notificationCreated:
                return (try? NotificationSnapshot.shape.read(ours: bytes)).map { .notification($0.notification) }
            }
        }
        if let subject { return (subject, size) }
        pass(over: "the data of event \(seq)")
        return (.erased, size)
    }
}

extension Event.Subject {
    fileprivate mutating func take(_ text: String?) {
        guard let text else { return }
        switch self {
        case .ticket(var ticket):
            ticket.description = text
            self = .ticket(ticket)
        case .comment(var comment):
            comment.content = text
            self = .comment(comment)
        case .article(var article):
            article.content = text
            self = .article(article)
        case .person, .notification, .erased: return
        }
    }

    fileprivate mutating func take(links: [String], attachments: [Attachment]) {
        guard case .comment(var comment) = self else { return }
        (comment.links, comment.attachments) = (links, attachments)
        self = .comment(comment)
    }
}

extension FieldChange {
    /// A change of a long text, which is kept beside the changes.
    func withTexts(_ old: String?, _ new: String?) -> FieldChange {
        isOfLongText ? FieldChange(field, from: .optional(old), to: .optional(new)) : self
    }
}

extension Person {
    /// Somebody of whom no more is known yet than their id.
    fileprivate static func known(by id: ID) -> Person {
        Person(
            id: id, origin: .account, email: nil, username: nil, firstName: "", lastName: "", name: "", role: .guest,
            supportRole: .general, isActive: false, isAvailable: false, isVerified: false, locale: nil, timeZone: nil,
            createdAt: Moment(0), updatedAt: Moment(0), revision: 0)
    }
}
