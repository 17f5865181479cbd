internal import Codec
internal import Domain
internal import HTTP
public import Helpdesk

/// The sockets of this dialect: Socket.IO at `/socket.io/`. Anybody may connect; events come once a token was shown.
public enum LiveSocketRoutes {
    /// - Parameters:
    ///   - limits: what openings count in, and what clients without a token post.
    ///   - report: told of what fails here and is nobody's fault but ours.
    public static func declare(
        in desk: inout DeskRoutes, _ hub: Hub, _ limits: CallerLimits, _ credentials: CredentialCheck, node: String,
        report: @escaping @Sendable (any Error) -> Void
    ) {
        var options = SocketIO.Options()
        options.engine.node = node
        options.engine.strangers = EngineIO.Strangers()
        options.engine.count = { try await limits.count(nil, $0) }
        options.report = report
        let server = SocketIO.Server(
            options,
            [
                SocketIO.main: { entry in
                    let token = LiveSocket.token(of: entry)
                    return { socket in await LiveSocket(socket, hub, credentials, report).serve(token) }
                }
            ])
        desk.routes.socketIO("/socket.io", .open, "Socket.IO: tells people of messages and of tickets that are closed", server)
    }
}
