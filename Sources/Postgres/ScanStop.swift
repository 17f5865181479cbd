internal import Loop

/// Stops a scan whose caller has gone: the server is told on a thread of the blocking pool, since libpq waits until it has heard.
///
/// The request names the session, not the query. It may come before the query, which then runs as if nothing had been said; so it is
/// said until the scan ends. And it may come late, so a link that was stopped is not used again.
final class ScanStop: Sendable {
    private struct State {
        var isStopped = false
        var isOver = false
    }

    private let link: ServerLink
    private let blocking: BlockingPool
    private let state = Locked(State())

    private static let pause: UInt64 = 100_000_000

    init(_ link: ServerLink, _ blocking: BlockingPool) {
        self.link = link
        self.blocking = blocking
    }

    /// Whether nothing more may be asked.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// From any thread, and more than once.
    func cancel() {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped && !state.isOver
        }
        if isFirst { link.perform { _ in self.tellServer() } }
    }

    private func tellServer() {
        guard !state.withLock({ $0.isOver }), let canceller = link.canceller() else { return }
        let isTaken = blocking.submit {
            canceller.cancel()
            self.link.perform { $0.loop.after(nanoseconds: Self.pause) { self.tellServer() } }
        }
        // Without a thread to tell the server, the caller is at least not kept waiting.
        if !isTaken { link.close() }
    }

    /// The scan is over. Whether it was left alone.
    func end() -> Bool {
        state.withLock { state in
            state.isOver = true
            return !state.isStopped
        }
    }
}
