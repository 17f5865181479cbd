internal import Codec
internal import Domain
internal import HTTP
public import Helpdesk

/// The desk's own WebSocket: `/ws`.
public enum DeskSocketRoutes {
    /// - Parameters:
    ///   - limits: what a client asks over the socket counts as any request does.
    ///   - patience: how long a client may take to say who it is.
    public static func declare(
        in desk: inout DeskRoutes, _ hub: Hub, _ limits: CallerLimits, _ credentials: CredentialCheck, patience: Duration
    ) {
        var options = WebSocketSession.Options()
        options.maximumMessage = 16 * 1024
        desk.routes.webSocket(
            "/ws", .everyone, "A socket that tells what happens to the tickets that the client subscribes to", options,
            notes: RouteNotes(query: SocketQuery.shape.outline, said: SocketFrame.Said.shape.schema, told: SocketNews.shape.schema)
        ) { request in
            let query = try request.query(as: SocketQuery.self, unknown: .refused)
            let visitor = try await credentials.reader(of: request, query.token)
            let network = request.networkText
            try await hub.beReady()
            return { session in
                await DeskSocket(session, hub, limits, credentials, from: network, patience: patience).serve(visitor)
            }
        }
    }
}

/// The query of a socket.
struct SocketQuery: Shaped {
    var token: String?

    static let shape = Shape("SocketQuery", "Who asks", SocketQuery()) {
        Field("token", \.token, Kind<String>.text(1...8192).orAbsent, "The credential, where a header cannot be set")
    }
}
