internal import Codec
internal import Domain
internal import Helpdesk

/// An event as its reader sees it: with the thing as they would have been given it then.
struct EventView: Shaped {
    var event: Event
    var data: EventData
    var changes: [FieldChange]

    init(_ event: Event, for caller: Caller) {
        self.event = event
        data = EventData(event.subject, for: caller)
        changes = caller.isStaff ? event.changes : Self.shown(event)
    }

    /// What an article said as a draft stays the staff's when it is published.
    private static func shown(_ event: Event) -> [FieldChange] {
        event.type == .articlePublished ? [] : event.changes.filter { shown.contains($0.field) }
    }

    /// The fields whose changes customers are told of: those that they see, and no others that may come to be.
    private static let shown: Set<String> = [
        "title", "description", "status", "priority", "category", "type", "tags", "requester", "assignee", "support_role", "content",
        "comment_type", "attachments", "slug",
    ]

    private static let blank = Event(
        seq: 0, id: Event.ID(0), type: .ticketCreated, at: Moment(0), actor: nil, ticket: nil, isPrivate: false, subject: .erased,
        changes: [], standing: nil)

    private init(blank: Event) { (event, data, changes) = (blank, .erased, []) }

    static let shape = Shape("Event", "Something that happened", EventView(blank: blank)) {
        Field("seq", from: \.event.seq, .integer(0...Int.max), "Its place in the log; counts up, with gaps")
        Field("id", from: \.event.id, .id(Event.self), "Id")
        Field("type", from: \.event.type, .word(EventType.self), "What happened")
        Field("at", from: \.event.at, .moment, "When")
        Field("actor", from: { $0.event.actor.map(ActorView.init) }, Kind<ActorView>.object(ActorView.self).optional, "Who did it")
        Field("ticket_id", from: \.event.ticket, Kind<Ticket.ID>.id(Ticket.self).optional, "The ticket that it is about")
        Field("data", from: \.data, .eventData, "The ticket, comment, article, user or notification after the change")
        Field("changes", from: \.changes, .changes, "For each field that changed: from what, to what")
    }
}

extension EventView: PageItem {
    static let page = Page<EventView>.shape("EventPage", "A page of events")
}

/// The person who did something, as they are called now.
struct ActorView: Shaped {
    var actor: Event.Actor

    static let shape = Shape("Actor", "The person who did something", ActorView(actor: Event.Actor(id: Person.ID(0), name: ""))) {
        Field("id", from: \.actor.id, .id(Person.self), "Id")
        Field("name", from: \.actor.name, .text(0...201), "What they are called")
    }
}

/// What an event tells of, as the reader would be given it.
enum EventData: Sendable {
    case ticket(TicketView)
    case comment(CommentView)
    case article(ArticleView)
    case user(UserView)
    case notification(NotificationView)
    case erased

    init(_ subject: Event.Subject, for caller: Caller) {
        self =
            switch subject {
            case .ticket(let ticket): .ticket(TicketView(ticket, for: caller))
            case .comment(let comment): .comment(CommentView(comment))
            case .article(let article): .article(ArticleView(article))
            case .person(let person): .user(UserView(person))
            case .notification(let notification): .notification(NotificationView(notification))
            case .erased: .erased
            }
    }
}

extension Kind {
    static var eventData: Kind<EventData> {
        Kind<EventData>(
            .anything, json: { (reader, reading) throws(JSONFault) in try reading.refuse(.onlyWritten, skipping: &reader) },
            write: { data, writer in
                switch data {
                case .ticket(let view): TicketView.shape.write(view, to: &writer)
                case .comment(let view): CommentView.shape.write(view, to: &writer)
                case .article(let view): ArticleView.shape.write(view, to: &writer)
                case .user(let view): UserView.shape.write(view, to: &writer)
                case .notification(let view): NotificationView.shape.write(view, to: &writer)
                case .erased: writer.null()
                }
            })
    }

    /// An object by field, of what it was and what it became.
    static var changes: Kind<[FieldChange]> {
        Kind<[FieldChange]>(
            .map(.map(.anything, atMost: 2), atMost: nil),
            json: { (reader, reading) throws(JSONFault) in try reading.refuse(.onlyWritten, skipping: &reader) },
            write: { changes, writer in
                writer.beginObject()
                for change in changes {
                    writer.key(change.field)
                    writer.beginObject()
                    writer.key("from")
                    writer.value(change.from)
                    writer.key("to")
                    writer.value(change.to)
                    writer.endObject()
                }
                writer.endObject()
            })
    }
}

extension Fault {
    fileprivate static let onlyWritten = Fault("read_only", "This is told, not taken")
}
