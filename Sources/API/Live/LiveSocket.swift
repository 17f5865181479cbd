internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// One client of this dialect's sockets.
///
/// Connecting needs nothing. Who has shown a good token hears of their own tickets; staff, of those that are assigned to them and those
/// that they follow. What was missed is not told again: this dialect has no places in the log, and its clients read the messages anew.
//
// `@unchecked Sendable`: one thing is done at a time, in its socket's task or in another one for which that one waits.
final class LiveSocket: @unchecked Sendable {
    private let socket: SocketIO.Socket
    private let hub: Hub
    private let credentials: CredentialCheck
    private let report: @Sendable (any Error) -> Void
    private var follower: Follower?

    init(
        _ socket: SocketIO.Socket, _ hub: Hub, _ credentials: CredentialCheck, _ report: @escaping @Sendable (any Error) -> Void
    ) {
        self.credentials = credentials
        self.socket = socket
        self.hub = hub
        self.report = report
    }

    /// The token that a client brings when it connects: in its `auth`, its query or its header.
    static func token(of entry: SocketIO.Entry) -> String? {
        if let token = entry.auth["token"]?.string ?? entry.opening["token"] { return token }
        guard let field = entry.opening.authorization else { return nil }
        let words = field.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
        return words.count == 2 && words[0].equalsIgnoringCase("bearer") ? words[1] : field
    }

    func serve(_ token: String?) async {
        defer { follower?.leave() }
        if let token { await socket.apart { _ = await self.authorize(token) } }
        while true {
            switch await socket.next() {
            case .event(let event): await socket.apart { await self.hear(event) }
            case .poke: await socket.apart { await self.look() }
            case .end: return
            }
        }
    }

    // MARK: - What the client says

    private func hear(_ event: SocketIO.Socket.Event) async {
        guard event.name.equals("authorize") else {
            return complain("There is no event \(Substring(event.name.unicodeScalars.prefix(64)))")
        }
        let said = event.arguments.first
        guard let token = said?["token"]?.string ?? said?.string else {
            complain("authorize takes {\"token\": …}")
            return event.acknowledge(false)
        }
        event.acknowledge(.bool(await authorize(token)))
    }

    /// Says whether the token is good. One that is not leaves everything as it was.
    private func authorize(_ token: String) async -> Bool {
        do {
            let visitor = try await credentials.reader(with: Array(token.utf8), from: socket.opening.networkText)
            try await hub.beReady()
            try follow(visitor)
            socket.recognize()
            socket.emit("authorized", ["message": "User successfully authorized"])
            return true
        } catch {
            complain(of: error)
            return false
        }
    }

    private func follow(_ visitor: Visitor) throws {
        if let follower, follower.caller.id == visitor.caller.id, follower.caller.role == visitor.caller.role {
            return follower.renew(visitor)
        }
        let (socket, me) = (socket, visitor.caller)
        let interests: Set<Interest> = me.isStaff ? [.tickets(of: me.id), .followed(by: me.id)] : [.tickets(of: me.id)]
        let next = try Follower(hub, visitor, for: interests, after: nil, wake: { socket.poke() })
        follower?.leave()
        follower = next
    }

    private func complain(of error: any Error) {
        guard let refusal = error as? Refusal ?? Refusal(desk: error) else {
            report(error)
            return complain("Something went wrong on our side")
        }
        complain(refusal.message)
    }

    private func complain(_ message: String) { socket.emit("error", ["message": .text(message)]) }

    // MARK: - What has come for the client

    private func look() async {
        guard let follower else { return }
        do {
            try await bringNews(of: follower)
        } catch {
            // The client comes back by itself.
            complain(of: error)
            socket.disconnect(closing: true)
        }
    }

    private func bringNews(of follower: Follower) async throws {
        while true {
            switch try await follower.news() {
            case .events(let events):
                for event in events { try await tell(event, to: follower.caller) }
            case .signals: continue
            case .dismissed:
                complain("The token has ended, or allows less than it did")
                return socket.disconnect(closing: true)
            case .none: return
            }
        }
    }

    private func tell(_ shared: SharedEvent, to caller: Caller) async throws {
        guard let event = LiveEvent(shared.event), event.isNews(shared.event, to: caller) else { return }
        let form = SharedEvent.Form("live", for: caller)
        if let announcement = shared.rendered(form, as: SocketIO.Announcement.self) { return socket.emit(announcement) }
        let people = shared.event.livePeople
        let ids = try await hub.desk.read(for: Asker(caller)) { look in try await look.issuersIDs(of: people) }
        guard let object = shared.event.liveObject(for: caller, ids) else { return }
        let announcement = SocketIO.Announcement(event.rawValue, [.json(object)])
        shared.keep(announcement, as: form)
        socket.emit(announcement)
    }
}
