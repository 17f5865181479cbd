internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What a client of the desk's socket is told: one frame. Which fields it has follows from its type.
struct SocketNews: Shaped {
    enum What: String, CaseIterable, Sendable, Word {
        case authorized, event, typing, viewing, presence, error
    }

    let type: What
    var event: EventView?
    var ticket: Ticket.ID?
    var user: ActorView?
    var isThere: Bool?
    var refusal: SocketRefusal?

    init(_ type: What) { self.type = type }

    static let shape = Shape("SocketNews", "What a client is told; which fields it has follows from its type", SocketNews(.authorized)) {
        Field("type", from: \.type, .word(What.self), "What it is")
        Field("event", from: \.event, Kind<EventView>.object(EventView.self).orAbsent, "Of `event`: what happened")
        Field("ticket", from: \.ticket, Kind<Ticket.ID>.id(Ticket.self).orAbsent, "Of `typing`, `viewing` and `presence`: where")
        Field("user", from: \.user, Kind<ActorView>.object(ActorView.self).orAbsent, "Of the same: who")
        Field("online", from: \.isThere, Kind<Bool>.boolean.orAbsent, "Of `presence`: whether they came; they left otherwise")
        Field("error", from: \.refusal?.error, Kind<String>.text(1...64).orAbsent, "Of `error`: a word for programs")
        Field("message", from: \.refusal?.message, Kind<String>.text(1...Int.max).orAbsent, "Of the same: a sentence for people")
        Field("errors", from: \.refusal?.faults, Kind<Faults>.faults.orAbsent, "Of the same: all that was wrong with the frame")
    }

    var frame: WebSocketMessage { WebSocketMessage(.text, JSON.bytes(of: self)) }
}

/// What went wrong, as a frame tells it.
struct SocketRefusal: Shaped {
    let error: String
    let message: String
    let faults: Faults?

    init(_ refusal: Refusal) {
        (error, message, faults) = (refusal.status.code.description, refusal.message, refusal.faults)
    }

    static let shape = Shape("SocketRefusal", "What went wrong; the socket goes on", SocketRefusal(.unauthorized())) {
        Field("error", from: \.error, .text(1...64), "A word for programs: `NOT_FOUND`")
        Field("message", from: \.message, .text(1...Int.max), "A sentence for people")
        Field("errors", from: \.faults, Kind<Faults>.faults.orAbsent, "All that was wrong with the frame")
    }

    var frame: WebSocketMessage { WebSocketMessage(.text, JSON.bytes(of: self)) }
}

extension SharedEvent {
    /// The event as a frame of the desk's socket.
    func socketFrame(to caller: Caller) -> WebSocketMessage {
        WebSocketMessage(
            .text,
            bytes(Form("socket", for: caller)) {
                var news = SocketNews(.event)
                news.event = EventView(event, for: caller)
                return JSON.bytes(of: news)
            })
    }
}

extension Helpdesk.Signal {
    var socketFrame: WebSocketMessage {
        var news =
            switch kind {
            case .typing: SocketNews(.typing)
            case .viewing: SocketNews(.viewing)
            case .presence: SocketNews(.presence)
            }
        news.ticket = ticket
        news.user = ActorView(actor: Event.Actor(id: person, name: name))
        if kind == .presence { news.isThere = isThere }
        return news.frame
    }
}

extension Refusal {
    /// What went wrong, as a frame of the desk's socket.
    var socketFrame: WebSocketMessage {
        var news = SocketNews(.error)
        news.refusal = SocketRefusal(self)
        return news.frame
    }
}

extension CloseCode {
    /// No credential, or one that is good no more: come back with another.
    static let unauthorized = CloseCode(rawValue: 4401)
}
