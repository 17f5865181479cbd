internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// The log: `/events`, and of one ticket `/tickets/{ticket}/events`.
public enum EventRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.page(
            "/events", .signedIn, "Lists what happened, oldest first, as far as the caller may see it", query: EventQuery.self,
            of: EventView.self,
            asking: { ask, slice, desk in try await desk.events(ask.query.question, slice, as: ask.caller) },
            show: { EventView($0, for: $1) })
        desk.page(
            "/tickets/{ticket}/events", .signedIn, "Lists what happened to a ticket, oldest first", query: EventQuery.self,
            of: EventView.self,
            asking: { ask, slice, desk in
                var question = ask.query.question
                question.ticket = try ask.path.ticket
                return try await desk.events(question, slice, as: ask.caller)
            },
            show: { EventView($0, for: $1) })
    }
}

extension Kind {
    /// A place in the log, as a client names it.
    static var seq: Kind<Int> { .integer(0...Int.mostExact) }
}

/// The query of a list of events.
struct EventQuery: PagedQuery {
    var question = EventQuestion()
    var paging = Paging()

    static let shape = Shape("EventQuery", "Which events", EventQuery()) {
        Field("after", \.question.after, .seq, "Only events behind this `seq`", required: false)
        Field("types", \.question.types, .list(of: .word(EventType.self), atMost: 20), "What happened", required: false)
        Field.all(of: \.paging, Paging.fields)
    }
}
