internal import Codec
internal import Domain
internal import HTTP
public import Helpdesk

/// The desk's own WebSocket: `/ws`.
public enum DeskSocketRoutes {
    /// - Parameters:
    ///   - limits: what a client asks over the socket counts as any request does.
    ///   - patience: how long a client may take to say who it is.
    public static func declare(in desk: inout DeskRoutes, _ hub: Hub, _ limits: CallerLimits, patience: Duration) {
        var options = WebSocketSession.Options()
        options.maximumMessage = 16 * 1024
        desk.routes.webSocket(
            "/ws", .everyone, "A socket that tells what happens to the tickets that the client subscribes to", options,
            notes: RouteNotes(query: SocketQuery.shape.outline, said: SocketFrame.Said.shape.schema, told: SocketNews.shape.schema)
        ) { request in
            let query = try request.query(as: SocketQuery.self, unknown: .refused)
            let visitor = try await hub.desk.reader(of: request, query.token)
            try await hub.beReady()
            return { session in await DeskSocket(session, hub, limits, patience: patience).serve(visitor) }
        }
    }
}

extension Desk {
    /// Who asks, by the header or else by the query; nil for who has yet to say it.
    func reader(of request: Request, _ token: String?) async throws -> Visitor? {
        if let credential = request.withBearer({ [UInt8]($0) }) { return try await reader(with: credential) }
        guard let token else { return nil }
        return try await reader(with: Array(token.utf8))
    }

    /// Who brings this credential to read what happens. Throws `.unauthorized`, or `.forbidden` for an API key that is not for reading.
    func reader(with credential: [UInt8]) async throws -> Visitor {
        let visitor = try await visitor(with: credential)
        guard visitor.caller.scopes?.contains(.read) ?? true else {
            throw DeskError.forbidden("This key is not for that: it lacks the scope read")
        }
        return visitor
    }
}

/// The query of a socket.
struct SocketQuery: Shaped {
    var token: String?

    static let shape = Shape("SocketQuery", "Who asks", SocketQuery()) {
        Field("token", \.token, Kind<String>.text(1...8192).orAbsent, "The credential, where a header cannot be set")
    }
}
