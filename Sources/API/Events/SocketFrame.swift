internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What a client says on the socket of the desk.
enum SocketFrame {
    /// Who they are, where neither header nor query told.
    case authorize([UInt8])
    /// From now on, what happens to a ticket.
    case subscribe(TicketName)
    case unsubscribe(TicketName)
    /// All that was missed behind a place in the log, of these tickets too from now on, and then on.
    case resume(after: Int, [TicketName])
    case typing(TicketName)
    case viewing(TicketName)

    /// Throws `Faults` for what is none of these.
    init(_ message: WebSocketMessage) throws {
        guard message.kind == .text else { throw Refusal.badRequest("Frames are text") }
        let said = try Said.shape.read(json: message.bytes)
        switch said.type {
        case .authorize: self = .authorize(Array(try Self.needed(said.token, "token").utf8))
        case .subscribe: self = .subscribe(try Self.needed(said.ticket, "ticket"))
        case .unsubscribe: self = .unsubscribe(try Self.needed(said.ticket, "ticket"))
        case .resume: self = .resume(after: try Self.needed(said.after, "after"), said.tickets)
        case .typing: self = .typing(try Self.needed(said.ticket, "ticket"))
        case .viewing: self = .viewing(try Self.needed(said.ticket, "ticket"))
        }
    }

    private static func needed<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else {
            var faults = Faults()
            faults.add(Fault("missing", "Field required", at: name))
            throw faults
        }
        return value
    }

    enum What: String, CaseIterable, Sendable, Word {
        case authorize, subscribe, unsubscribe, resume, typing, viewing
    }

    struct Said: Shaped {
        var type = What.authorize
        var token: String?
        var ticket: TicketName?
        var after: Int?
        var tickets: [TicketName] = []

        static let shape = Shape("SocketFrame", "What a client says", Said()) {
            Field("type", \.type, .word(What.self), "What it is")
            Field("token", \.token, Kind<String>.text(1...8192).optional, "An access token, API key or delegated token")
            Field("ticket", \.ticket, Kind<TicketName>.ticketName.optional, "A ticket, by id or number")
            Field("after", \.after, Kind<Int>.seq.optional, "The last `seq` that was seen")
            Field("tickets", \.tickets, .list(of: .ticketName, atMost: 200), "To subscribe to before it resumes", required: false)
        }
    }
}
