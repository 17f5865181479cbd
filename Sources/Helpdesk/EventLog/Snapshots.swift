internal import Codec
internal import Domain
internal import Storage

// Things as the log keeps them: all of them, for each reader to be shown what is theirs. Written once and read for years, so fields
// are only ever added.

struct PartySnapshot: Shaped {
    var party: Party

    static let shape = Shape("PartySnapshot", "Somebody on a ticket", PartySnapshot(party: .nobody)) {
        Field("id", \.party.id, .id(Person.self), "Id")
        Field("name", \.party.name, .text(0...201), "Name")
        Field("email", \.party.email, .text(0...320).optional, "Address")
        Field("role", \.party.role, .word(Role.self), "Role")
    }

    /// As a kind of field.
    static var kind: Kind<Party> {
        Kind<PartySnapshot>.object(PartySnapshot.self).converted(to: { .success($0.party) }, from: { PartySnapshot(party: $0) })
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
        Field("description", \.ticket.description, .text(0...65_536), "Description")
        Field("status", \.ticket.status, .word(Status.self), "Status")
        Field("priority", \.ticket.priority, .word(Priority.self), "Priority")
        Field("category", \.ticket.category, .text(0...100).optional, "Category")
        Field("type", \.ticket.type, .text(0...100).optional, "Type")
        Field("tags", \.ticket.tags, .list(of: .text(0...50), atMost: 100), "Tags")
        Field("requester", \.ticket.requester, PartySnapshot.kind, "Who asked")
        Field("assignee", \.ticket.assignee, PartySnapshot.kind.optional, "Who works on it")
        Field("support_role", \.ticket.supportRole, .word(SupportRole.self), "Tier")
        Field("channel", \.ticket.channel, .word(Channel.self), "How it came in")
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
        Field("author", \.comment.author, PartySnapshot.kind, "Who wrote it")
        Field("content", \.comment.content, .text(0...65_536), "Text")
        Field("links", \.comment.links, .list(of: .text(0...2048), atMost: 100), "Addresses that came with it", required: false)
        Field(
            "attachments", \.comment.attachments, .list(of: AttachmentSnapshot.kind, atMost: 100), "Files that came with it",
            required: false)
        Field("comment_type", \.comment.type, .word(CommentType.self), "Public or private")
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
        Field("content_type", \.attachment.type, .word(FileType.self), "What it is served as")
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
        refuse("a list of files that is none")
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
        Field("status", \.notification.ticket.status, .word(Status.self), "Its status")
        Field("comment_id", \.notification.comment, Kind<Comment.ID>.id(Comment.self).optional, "Comment")
        Field("created_at", \.notification.createdAt, .moment, "When it happened")
    }
}

struct PersonSnapshot: Shaped {
    var person: Person

    init(_ person: Person) { self.person = person }

    private static let blank = Person(
        id: Identifier(0), origin: .account, email: nil, username: nil, firstName: "", lastName: "", name: "", role: .guest,
        supportRole: .general, isActive: false, isAvailable: false, isVerified: false, locale: nil, timeZone: nil, createdAt: Moment(0),
        updatedAt: Moment(0), revision: 0)

    static let shape = Shape("PersonSnapshot", "A person as the log keeps them", PersonSnapshot(blank)) {
        Field("id", \.person.id, .id(Person.self), "Id")
        Field("origin", \.person.origin, .word(Person.Origin.self), "How they came to be known")
        Field("email", \.person.email, .text(0...320).optional, "Address")
        Field("username", \.person.username, .text(0...100).optional, "Username")
        Field("first_name", \.person.firstName, .text(0...200), "First name")
        Field("last_name", \.person.lastName, .text(0...200), "Last name")
        Field("name", \.person.name, .text(0...201), "Name")
        Field("role", \.person.role, .word(Role.self), "Role")
        Field("support_role", \.person.supportRole, .word(SupportRole.self), "Tier")
        Field("is_active", \.person.isActive, .boolean, "May sign in")
        Field("available", \.person.isAvailable, .boolean, "May be assigned tickets automatically")
        Field("email_verified", \.person.isVerified, .boolean, "The address is theirs")
        Field("locale", \.person.locale, .text(0...35).optional, "Language")
        Field("time_zone", \.person.timeZone, .text(0...64).optional, "Time zone")
        Field("created_at", \.person.createdAt, .moment, "Known since")
        Field("updated_at", \.person.updatedAt, .moment, "Last change")
        Field("revision", \.person.revision, .integer(), "Revision")
    }
}
