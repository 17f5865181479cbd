extension EventLoop {
    /// Does something in a task of its own on this loop, and waits for it.
    ///
    /// A task's stack stays as large as its deepest call has made it, and a session lasts: what goes deep, such as to the database, would
    /// cost each session several KiB for as long as it is there.
    public func apart<Outcome: Sendable>(_ body: @escaping @Sendable () async throws -> Outcome) async throws -> Outcome {
        let work = Task(executorPreference: self) { try await body() }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// The same for what cannot fail.
    public func apart(_ body: @escaping @Sendable () async -> Void) async {
        let work = spawn(body)
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
    }
}
