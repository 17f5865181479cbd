internal import Codec
internal import Domain
internal import HTTP
public import Helpdesk

/// The log as a stream of server-sent events: `/events/stream`.
public enum EventStreamRoutes {
    public static func declare(in desk: inout DeskRoutes, _ hub: Hub) {
        desk.routes.events(
            "/events/stream", .signedIn, "Streams what happens, as far as the caller may see it; `Last-Event-ID` or `after` resumes",
            notes: RouteNotes(query: StreamQuery.shape.outline, fields: StreamFields.shape.outline, told: EventView.shape.schema)
        ) { request in
            let query = try request.query(as: StreamQuery.self, unknown: .refused)
            let visitor = try await hub.visitor(of: request)
            let (place, types) = (try Self.lastEvent(request) ?? query.after, Set(query.types))
            try await hub.beReady()
            return { stream in await LogStream(stream, hub, visitor, after: place, only: types)?.serve() }
        }
    }

    /// Where the client says that it was cut off.
    private static func lastEvent(_ request: Request) throws -> Int? {
        guard let text = request["last-event-id"], !text.isEmpty else { return nil }
        do {
            return try Kind<Int>.seq.read(text: text, at: "Last-Event-ID")
        } catch {
            throw Refusal.badRequest("Last-Event-ID must be the `seq` of an event")
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
    var types: [EventType] = []

    static let shape = Shape("StreamQuery", "Where to begin, and what to tell", StreamQuery()) {
        Field("after", \.after, Kind<Int>.seq.orAbsent, "Only events behind this `seq`; without it the stream begins now")
        Field("types", \.types, .list(of: .word(EventType.self), atMost: 20), "Only events of these types", required: false)
    }
}

/// The header fields that a stream heeds. They are read by hand, since clients send more than these.
struct StreamFields: Shaped {
    var lastEvent: Int?

    static let shape = Shape("StreamFields", "Where to go on", StreamFields()) {
        Field(
            "Last-Event-ID", \.lastEvent, Kind<Int>.seq.orAbsent,
            "The `id` that was heard last: only events behind it. Before `after`, where both are given")
    }
}
