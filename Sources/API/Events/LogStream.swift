internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// One client of the log's stream: tells it what happens until one of both has had enough.
//
// `@unchecked Sendable`: it belongs to its connection's loop. What it does is done in its stream's task, or in another one on that loop for
// which that one waits.
final class LogStream: @unchecked Sendable {
    private let stream: EventStream
    private let follower: Follower
    private let types: Set<EventType>
    private var isOver = false

    /// - Parameters:
    ///   - place: where in the log to begin behind; nil to begin now.
    ///   - types: what to tell; empty for everything.
    ///
    /// Nil when the log cannot be followed now.
    init?(_ stream: EventStream, _ hub: Hub, _ visitor: Visitor, after place: Int?, only types: Set<EventType>) {
        let caller = visitor.caller
        let handle = stream.handle
        let interests: Set<Interest> = caller.isStaff ? [.everything] : [.tickets(of: caller.id), .articles]
        guard let follower = try? Follower(hub, visitor, for: interests, after: place, wake: { handle.poke() }) else { return nil }
        self.stream = stream
        self.follower = follower
        self.types = types
    }

    func serve() async {
        defer { follower.leave() }
        // Tells the client that it is heard, and how soon to come back.
        stream.send(bytes: Array("retry: 1000\n\n".utf8))
        repeat {
            await bringNews()
            if isOver { return }
        } while await stream.next() == .poke
    }

    /// Sends what has come. A fault ends the stream, and the client resumes where it was.
    private func bringNews() async {
        while let news = try? await stream.news(of: follower) {
            switch news {
            case .events(let events):
                for event in events where types.isEmpty || types.contains(event.event.type) {
                    tell(event)
                    await stream.roomToSend()
                }
            case .signals: continue
            case .dismissed:
                isOver = true
                return
            case .none: return
            }
        }
        isOver = true
    }

    // Not inlined: what it takes would stay on the stack of the stream's task.
    @inline(never)
    private func tell(_ event: SharedEvent) { stream.send(bytes: event.serverSent(to: follower.caller)) }
}

extension SharedEvent {
    fileprivate func serverSent(to caller: Caller) -> [UInt8] {
        bytes(Form("server-sent", for: caller)) {
            EventStream.bytes(
                id: String(event.seq), event: event.type.rawValue,
                data: JSON.bytes(of: EventView(event, for: caller)))
        }
    }
}
