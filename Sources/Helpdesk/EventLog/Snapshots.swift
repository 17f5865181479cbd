internal import Codec
internal import Domain
internal import Storage

// Things as the log keeps them: all of them, for each reader to be shown what is theirs. Written once and read for years, so fields
// are only ever added. People stand in them by id, and long texts do not: see `EventRows`.

extension Kind {
    /// Somebody, by id alone.
    static var knownParty: Kind<Party> {
        Kind<Person.ID>.id(Person.self).converted(
            to: { .success(Party(id: $0, name: "", email: nil, role: .guest)) }, from: { $0.id })
    }
}

extension Kind where Value: KeptWord {
    /// A word, also one of a later release.
    static var kept: Kind<Value> {
        Kind<String>.text(0...100).converted(to: { .success(Value(kept: $0.utf8)) }, from: { $0.rawValue })
    }
}

extension Party {
    static let nobody = Party(id: Identifier(0), name: "", email: nil, role: .guest)
}

struct TicketSnapshot: Shaped {
    var ticket: Ticket

    init(_ ticket: Ticket) { self.ticket = ticket }

    private static let blank = Ticket(
        id: Identifier(0), title: "", description: "", requester: .nobody, embedToken: 0, at: Moment(0))

    static let shape = Shape("TicketSnapshot", "A ticket as the log keeps it", TicketSnapshot(blank)) {
        Field("id", \.ticket.id, .id(Ticket.self), "Id")
        Field("number", \.ticket.number, .integer(), "Number")
        Field("title", \.ticket.title, .text(0...255), "Title")
        Field("status", \.ticket.status, .kept, "Status")
        Field("priority", \.ticket.priority, .word(Priority.self), "Priority")
        Field("category", \.ticket.category, .text(0...100).optional, "Category")
        Field("type", \.ticket.type, .text(0...100).optional, "Type")
        Field("tags", \.ticket.tags, .list(of: .text(0...50), atMost: 100), "Tags")
        Field("requester", \.ticket.requester, .knownParty, "Who asked")
        Field("assignee", \.ticket.assignee, Kind<Party>.knownParty.optional, "Who works on it")
        Field("support_role", \.ticket.supportRole, .kept, "Tier")
        Field("channel", \.ticket.channel, .kept, "How it came in")
        Field("embed_token", \.ticket.embedToken, .token, "Embed token")
        Field("created_at", \.ticket.createdAt, .moment, "Opened")
        Field("first_responded_at", \.ticket.firstRespondedAt, .moment.optional, "First answer")
        Field("resolved_at", \.ticket.resolvedAt, .moment.optional, "Resolved")
        Field("closed_at", \.ticket.closedAt, .moment.optional, "Closed")
        Field("deleted_at", \.ticket.deletedAt, .moment.optional, "In the bin since")
        Field("revision", \.ticket.tally.revision, .integer(), "Revision")
        Field("comment_count", \.ticket.tally.commentCount, .integer(), "Comments")
        Field("updated_at", \.ticket.tally.updatedAt, .moment, "Last change")
        Field("shown_revision", \.ticket.shownTally.revision, .integer(), "Revision that customers see")
        Field("shown_comment_count", \.ticket.shownTally.commentCount, .integer(), "Comments that customers see")
        Field("shown_updated_at", \.ticket.shownTally.updatedAt, .moment, "Last change that customers see")
        Field("status_since", \.ticket.course.statusSince, .moment, "In its status since")
        Field("reopenings", \.ticket.course.reopenings, .integer(), "How often it was opened again")
        Field("first_resolved_at", \.ticket.course.firstResolvedAt, .moment.optional, "First resolved")
        Field("last_resolved_at", \.ticket.course.lastResolvedAt, .moment.optional, "Last resolved")
    }
}

struct CommentSnapshot: Shaped {
    var comment: Comment

    init(_ comment: Comment) { self.comment = comment }

    private static let blank = Comment(
        id: Identifier(0), ticket: Identifier(0), author: .nobody, content: "", type: .public, createdAt: Moment(0), updatedAt: Moment(0))

    static let shape = Shape("CommentSnapshot", "A comment as the log keeps it", CommentSnapshot(blank)) {
        Field("id", \.comment.id, .id(Comment.self), "Id")
        Field("ticket_id", \.comment.ticket, .id(Ticket.self), "Ticket")
        Field("author", \.comment.author, .knownParty, "Who wrote it")
        Field("comment_type", \.comment.type, .kept, "Public or private")
        Field("created_at", \.comment.createdAt, .moment, "Written")
        Field("updated_at", \.comment.updatedAt, .moment, "Last change")
        Field("revision", \.comment.revision, .integer(), "Revision")
    }
}

struct AttachmentSnapshot: Shaped {
    var attachment: Attachment

    private static let blank = Attachment(id: Identifier(0), name: "", size: 0, type: .bytes)

    static let shape = Shape("AttachmentSnapshot", "A file on a comment as it is kept", AttachmentSnapshot(attachment: blank)) {
        Field("id", \.attachment.id, .id(Attachment.self), "Id")
        Field("name", \.attachment.name, .text(0...255), "Name")
        Field("size", \.attachment.size, .integer(), "Bytes")
        Field("content_type", \.attachment.type, .kept, "What it is served as")
    }

    /// As a kind of field.
    static var kind: Kind<Attachment> {
        Kind<AttachmentSnapshot>.object(AttachmentSnapshot.self)
            .converted(to: { .success($0.attachment) }, from: { AttachmentSnapshot(attachment: $0) })
    }

    /// A list of files as a comment's row keeps it.
    static func stored(_ attachments: [Attachment]) -> String {
        if attachments.isEmpty { return "[]" }
        return String(decoding: JSON.bytes(of: attachments.map { AttachmentSnapshot(attachment: $0) }), as: UTF8.self)
    }
}

extension Row {
    /// The files of a comment. Nearly all have none.
    mutating func attachments() -> [Attachment] {
        let attachments: [Attachment]? = withText { bytes in
            if bytes.count == 2 { return [] }
            guard let elements = (try? JSONValue(parsing: bytes, ours: true))?.elements else { return nil }
            return elements.compactMap { element in
                element.bytes.withUnsafeBytes { try? AttachmentSnapshot.shape.read(ours: $0).attachment }
            }
        }
        if let attachments { return attachments }
        pass(over: "a list of files")
        return []
    }
}

/// Without who did it, which stands beside it in the log and is taken from there when they are erased.
struct NotificationSnapshot: Shaped {
    var notification: Notification

    init(_ notification: Notification) { self.notification = notification }

    private static let blank = Notification(
        id: Identifier(0), reason: .replied, ticket: Notification.About(id: Identifier(0), number: 0, title: "", status: .open),
        comment: nil, actor: nil, createdAt: Moment(0))

    static let shape = Shape("NotificationSnapshot", "A notification as the log keeps it", NotificationSnapshot(blank)) {
        Field("id", \.notification.id, .id(Notification.self), "Id")
        Field("type", \.notification.reason, .word(Notification.Reason.self), "Why they are told")
        Field("ticket_id", \.notification.ticket.id, .id(Ticket.self), "Ticket")
        Field("number", \.notification.ticket.number, .integer(), "Its number")
        Field("title", \.notification.ticket.title, .text(0...255), "Its title")
        Field("status", \.notification.ticket.status, .kept, "Its status")
        Field("comment_id", \.notification.comment, Kind<Comment.ID>.id(Comment.self).optional, "Comment")
        Field("created_at", \.notification.createdAt, .moment, "When it happened")
    }
}

struct PersonSnapshot: Shaped {
    var id: Person.ID

    static let shape = Shape("PersonSnapshot", "A person as the log keeps them", PersonSnapshot(id: Identifier(0))) {
        Field("id", \.id, .id(Person.self), "Id")
    }
}
