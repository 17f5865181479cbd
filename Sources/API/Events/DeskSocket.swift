internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// One client of the desk's socket.
///
/// What a client asks is answered in its turn: nothing of it waits for another session, and what cannot be had is told in an `error`
/// frame, after which the socket goes on.
//
// `@unchecked Sendable`: it belongs to its connection's loop. What it does is done in its session's task, or in another one on that loop
// for which that one waits.
final class DeskSocket: @unchecked Sendable {
    let session: WebSocketSession
    let hub: Hub
    private let limits: CallerLimits
    private let credentials: CredentialCheck
    /// Where the client is, as limits count it.
    private let network: String
    var follower: Follower?
    /// The tickets that are subscribed to, by all names that the client has used.
    var tickets: [TicketName: Ticket.ID] = [:]
    static let mostTickets = 200
    /// Whether an event was told already, since the last resume; until then a resume or subscriptions may be on their way, and are waited
    /// for.
    var hasTold = false
    /// The place that the client resumed from, and until when what it subscribes to begins there as well.
    var resumed: (place: Int, until: ContinuousClock.Instant)?
    private static let resumeLasts = Duration.seconds(10)
    var patientUntil: ContinuousClock.Instant?
    static let moment = Duration.milliseconds(100)
    /// Whether a credential came in a frame.
    private var hasTried = false
    /// How long a client may take to say who it is.
    private let patience: Duration

    init(
        _ session: WebSocketSession, _ hub: Hub, _ limits: CallerLimits, _ credentials: CredentialCheck, from network: String,
        patience: Duration
    ) {
        self.patience = patience
        self.credentials = credentials
        self.network = network
        self.session = session
        self.hub = hub
        self.limits = limits
    }

    /// - Parameter visitor: who asks, if the handshake told.
    func serve(_ visitor: Visitor?) async {
        defer { leave() }
        if let visitor { welcome(visitor) } else { session.poke(after: patience) }
        while true {
            switch await session.next() {
            case .message(let message): await session.apart { await self.hear(message) }
            case .poke: await look()
            case .end: return
            }
        }
    }

    private func leave() {
        guard let follower else { return }
        for ticket in Set(tickets.values) { hub.leave(follower.caller, from: ticket) }
        follower.leave()
    }

    // MARK: - What has come for the client

    private func look() async {
        guard let follower else { return session.close(.unauthorized, "Nobody said who this is") }
        if let patientUntil, .now < patientUntil { return }
        do {
            try await bringNews(of: follower)
        } catch {
            // It comes back when the database does, and resumes.
            session.close(.tryLater, "The database is not there now")
        }
    }

    private func bringNews(of follower: Follower) async throws {
        while true {
            switch try await session.news(of: follower) {
            case .events(let events):
                hasTold = true
                for event in events {
                    tell(event, to: follower.caller)
                    await session.roomToSend()
                }
            case .signals(let signals): tell(signals)
            case .dismissed: return session.close(.unauthorized, "The credential has ended, or allows something else")
            case .none: return
            }
        }
    }

    // Not inlined: what they take would stay on the stack of the session's task.
    @inline(never)
    private func tell(_ event: SharedEvent, to caller: Caller) { session.send(event.socketFrame(to: caller)) }

    @inline(never)
    private func tell(_ signals: [Signal]) {
        for signal in signals { session.send(signal.socketFrame) }
    }

    // MARK: - What the client says

    private func hear(_ message: WebSocketMessage) async { await hear { try await self.heed(try SocketFrame(message)) } }

    /// Does what was asked, or tells why not.
    private func hear(_ ask: () async throws -> Void) async {
        do {
            try await ask()
        } catch {
            guard let refusal = error as? Refusal ?? Refusal(desk: error) else {
                return session.close(.internalError, "Something failed here")
            }
            session.send(refusal.socketFrame)
            // Nobody tries one credential after another here.
            if follower == nil, hasTried { session.close(.unauthorized, "That credential is no good here") }
        }
    }

    private func heed(_ frame: SocketFrame) async throws {
        if case .authorize(let credential) = frame { return try await authorize(credential) }
        guard let follower else { throw Refusal.unauthorized("Say who you are first: {\"type\":\"authorize\",\"token\":…}") }
        try await limits.count(follower.caller)
        switch frame {
        case .authorize: return
        case .subscribe(let name): try await subscribe(name, follower)
        case .unsubscribe(let name): try await unsubscribe(name, follower)
        case .resume(let place, let names):
            // One that is not theirs keeps them from none of the others.
            for name in names { await hear { try await self.subscribe(name, follower) } }
            patientUntil = nil
            hasTold = false
            resumed = (place, .now + Self.resumeLasts)
            follower.resume(after: place)
            if tickets.isEmpty { awaitOthers() } else { try await bringNews(of: follower) }
        case .typing(let name): hub.tell(.typing, by: follower.caller, on: try await ticket(name, follower))
        case .viewing(let name): hub.tell(.viewing, by: follower.caller, on: try await ticket(name, follower))
        }
    }

    /// Somebody else on the same socket would get what the first one subscribed to: that takes a socket of their own.
    private func authorize(_ credential: [UInt8]) async throws {
        hasTried = true
        if let follower { try await limits.count(follower.caller) }
        let visitor = try await credentials.reader(with: credential, from: network)
        if let follower {
            guard follower.caller.id == visitor.caller.id else { throw Refusal.forbidden("This socket is somebody else's") }
            follower.renew(visitor)
            return session.send(SocketNews(.authorized).frame)
        }
        try await hub.beReady()
        welcome(visitor)
    }

    private func welcome(_ visitor: Visitor) {
        let handle = session.handle
        do {
            follower = try Follower(hub, visitor, for: [], after: nil, wake: { handle.poke() })
            session.send(SocketNews(.authorized).frame)
        } catch {
            session.close(.tryLater, "The event log is still being looked at")
        }
    }
}
