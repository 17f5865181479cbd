
/// Something that lives as long as the server: a listener, a reader of the log, a link to another node.
///
/// `run()` returns when the service's task is cancelled and what it had begun is finished. Returning before that, or throwing,
/// ends the whole server: a server that has lost a part must be restarted, not limp.
public protocol Service: Sendable {
    var name: String { get }
    func run() async throws
}

/// Runs services until one ends or the task is cancelled, and then stops them in the reverse of their order, one by one:
/// those who serve end before those whom they need.
public struct Services: Sendable {
    private let members: [any Service]
    private let loop: EventLoop

    public init(_ members: [any Service], on loop: EventLoop) {
        self.members = members
        self.loop = loop
    }

    /// Returns after an orderly stop; throws the first error with which a service ended.
    public func run() async throws {
        let end = Latch()
        let tasks = members.map { service in
            Task(executorPreference: loop) {
                defer { end.happen() }
                try await service.run()
            }
        }
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: {
            end.happen()
        }
        var fault: (any Error)?
        for task in tasks.reversed() {
            task.cancel()
            if case .failure(let error) = await task.result, !(error is CancellationError) { fault = fault ?? error }
        }
        if let fault { throw fault }
    }
}

/// Something that happens once; whoever waits goes on, now or later. From any thread.
public final class Latch: Sendable {
    private struct State {
        var hasHappened = false
        var waiting: [UnsafeContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    public init() {}

    public func happen() {
        let waiting = state.withLock { state in
            state.hasHappened = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    public func wait() async {
        await withUnsafeContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasHappened { state.waiting.append(continuation) }
                return state.hasHappened
            }
            if isOver { continuation.resume() }
        }
    }
}
