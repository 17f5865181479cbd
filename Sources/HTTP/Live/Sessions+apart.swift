public import Codec
internal import Loop

// What goes deep is done in a task of its own, so that the session's stays small: see `EventLoop.apart`.

extension WebSocketSession {
    public func apart(_ body: @escaping @Sendable () async -> Void) async { await connection.loop.apart(body) }

    public func apart<Outcome: Sendable>(_ body: @escaping @Sendable () async throws -> Outcome) async throws -> Outcome {
        try await connection.loop.apart(body)
    }
}

extension EventStream {
    public func apart<Outcome: Sendable>(_ body: @escaping @Sendable () async throws -> Outcome) async throws -> Outcome {
        try await connection.loop.apart(body)
    }
}

extension SocketIO.Socket {
    public func apart(_ body: @escaping @Sendable () async -> Void) async { await client.session.home.apart(body) }
}
