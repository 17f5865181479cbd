internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What somebody was told, as they see it.
struct NotificationView: Shaped {
    var notification: Notification

    init(_ notification: Notification) { self.notification = notification }

    private static let blank = Notification(
        id: Notification.ID(0), reason: .replied,
        ticket: Notification.About(id: Ticket.ID(0), number: 0, title: "", status: .open), comment: nil, actor: nil, createdAt: Moment(0))

    static let shape = Shape("Notification", "Something that somebody is told because it is theirs to know", NotificationView(blank)) {
        Field("id", \.notification.id, .id(Notification.self), "Id")
        Field("type", \.notification.reason, .word(Notification.Reason.self), "Why they are told")
        Field("ticket", \.notification.ticket, AboutView.kind, "The ticket that it is about")
        Field("comment_id", \.notification.comment, Kind<Comment.ID>.id(Comment.self).optional, "What was written, if something was")
        Field("actor", from: { $0.actor }, Kind<ActorView>.object(ActorView.self).optional, "Who did it; null for the desk itself")
        Field("read_at", \.notification.readAt, Kind<Moment>.moment.optional, "When they read it")
        Field("created_at", \.notification.createdAt, .moment, "When it happened")
    }

    private var actor: ActorView? { notification.actor.map { ActorView(actor: Event.Actor(id: $0.id, name: $0.name)) } }
}

extension NotificationView: PageItem {
    static let page = Shape("NotificationPage", "A page of notifications, newest first", Page<NotificationView>()) {
        Field("items", \.items, .list(of: .object(NotificationView.self), atMost: SliceRequest.mostItems), "The items, in the list's order")
        Field("next", \.next, Kind<String>.text(1...200).optional, "The cursor of the next page; null on the last")
        Field("unread", \.unread, Kind<Int>.integer(0...Int.max).orAbsent, "How many are not read, on whatever page")
        Field("total", \.total, Kind<Int>.integer(0...10_000).orAbsent, "How many there are in all, with `count=true`; at most 10,000")
    }
}

/// A ticket, as far as it takes to name it.
struct AboutView: Shaped {
    var about: Notification.About

    static let shape = Shape(
        "TicketName", "A ticket, as far as it takes to name it",
        AboutView(about: Notification.About(id: Ticket.ID(0), number: 0, title: "", status: .open))
    ) {
        Field("id", \.about.id, .id(Ticket.self), "Id")
        Field("number", \.about.number, .integer(0...Int.max), "For people: 1, 2, 3 …")
        Field("title", \.about.title, .text(1...255), "One line that says what is wrong")
        Field("status", \.about.status, .word(Domain.Status.self), "Where it stands")
    }

    static var kind: Kind<Notification.About> {
        Kind<AboutView>.object(AboutView.self).converted(to: { .success($0.about) }, from: { AboutView(about: $0) })
    }
}

/// What is left to read once all was read.
struct AllRead: Shaped {
    var read = 0
    var unread = 0

    static let shape = Shape("AllRead", "What is left once all was read", AllRead()) {
        Field("read", \.read, .integer(0...Int.max), "How many were not read before")
        Field("unread", \.unread, .integer(0...Int.max), "How many are not read now")
    }
}
