internal import Codec
internal import Domain
internal import HTTP
public import Helpdesk

/// The log as a stream of server-sent events: `/events/stream`.
public enum EventStreamRoutes {
    public static func declare(in desk: inout DeskRoutes, _ hub: Hub) {
        desk.routes.events(
            "/events/stream", .signedIn, "Streams what happens, as far as the caller may see it; `Last-Event-ID` or `after` resumes"
        ) { request in
            let query = try request.query(as: StreamQuery.self, unknown: .refused)
            let visitor = try await hub.visitor(of: request)
            let place = try Self.lastEvent(request) ?? query.after
            try await hub.beReady()
            return { stream in await Self.serve(stream, hub, visitor, after: place) }
        }
    }

    /// Where the client says that it was cut off.
    private static func lastEvent(_ request: Request) throws -> Int? {
        guard let text = request["last-event-id"], !text.isEmpty else { return nil }
        guard let place = Int(text), place >= 0 else { throw Refusal.badRequest("Last-Event-ID must be the `seq` of an event") }
        return place
    }

    private static func serve(_ stream: EventStream, _ hub: Hub, _ visitor: Visitor, after place: Int?) async {
        let caller = visitor.caller
        let handle = stream.handle
        let interests: Set<Interest> = caller.isStaff ? [.everything] : [.tickets(of: caller.id), .articles]
        guard let follower = try? Follower(hub, visitor, for: interests, after: place, wake: { handle.poke() }) else { return }
        defer { follower.leave() }
        // Tells the client that it is heard, and how soon to come back.
        stream.send(bytes: Array("retry: 1000\n\n".utf8))
        repeat {
            guard await bringNews(of: follower, to: stream) else { return }
        } while await stream.next() == .poke
    }

    /// Sends what has come. Says whether the stream goes on: a fault ends it, and the client resumes where it was.
    private static func bringNews(of follower: Follower, to stream: EventStream) async -> Bool {
        while let news = try? await follower.news() {
            switch news {
            case .events(let events):
                for event in events {
                    stream.send(bytes: event.serverSent(to: follower.caller))
                    await stream.roomToSend()
                }
            case .signals: continue
            case .dismissed: return false
            case .none: return true
            }
        }
        return false
    }
}

extension SharedEvent {
    fileprivate func serverSent(to caller: Caller) -> [UInt8] {
        bytes(Form("server-sent", for: caller)) {
            EventStream.bytes(
                id: String(event.seq), event: event.type.rawValue,
                data: String(decoding: JSON.bytes(of: EventView(event, for: caller)), as: UTF8.self))
        }
    }
}

extension Hub {
    /// Who asks, for as long as they stay.
    func visitor(of request: Request) async throws -> Visitor {
        guard let credential = request.withBearer({ [UInt8]($0) }) else { throw Refusal.unauthorized() }
        return try await desk.visitor(with: credential)
    }
}

/// The query of a stream.
struct StreamQuery: Shaped {
    var after: Int?

    static let shape = Shape("StreamQuery", "Where to begin", StreamQuery()) {
        Field("after", \.after, Kind<Int>.integer(0...Int.max).optional, "Only events behind this `seq`; without it the stream begins now")
    }
}
