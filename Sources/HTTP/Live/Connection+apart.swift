internal import Loop

extension Connection {
    /// Does something in a task of its own, and waits for it.
    ///
    /// A task's stack stays as large as its deepest call has made it, and a session lasts: what goes deep, such as to the database, would
    /// cost each session several KiB for as long as it is there.
    func apart<Outcome: Sendable>(_ body: @escaping @Sendable () async throws -> Outcome) async throws -> Outcome {
        let work = Task(executorPreference: loop) { try await body() }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// The same for what cannot fail.
    func apart(_ body: @escaping @Sendable () async -> Void) async {
        let work = loop.spawn(body)
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
    }
}

extension WebSocketSession {
    /// Does what goes deep in a task of its own, so that the session's stays small, and waits for it.
    public func apart(_ body: @escaping @Sendable () async -> Void) async { await connection.apart(body) }

    public func apart<Outcome: Sendable>(_ body: @escaping @Sendable () async throws -> Outcome) async throws -> Outcome {
        try await connection.apart(body)
    }
}

extension EventStream {
    /// The same for who serves a stream.
    public func apart<Outcome: Sendable>(_ body: @escaping @Sendable () async throws -> Outcome) async throws -> Outcome {
        try await connection.apart(body)
    }
}
