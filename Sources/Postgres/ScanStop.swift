internal import Loop

/// Stops a scan whose caller has gone: the server is told on a thread of the blocking pool, since libpq waits until it has heard.
///
/// The request names the session, not the query, and may come late. So a link that was stopped is not used again.
final class ScanStop: Sendable {
    private enum State { case running, stopped, ended }

    private let link: ServerLink
    private let blocking: BlockingPool
    private let state = Locked(State.running)

    init(_ link: ServerLink, _ blocking: BlockingPool) {
        self.link = link
        self.blocking = blocking
    }

    /// From any thread, and more than once.
    func cancel() {
        let isFirst = state.withLock { state in
            guard state == .running else { return false }
            state = .stopped
            return true
        }
        guard isFirst else { return }
        link.perform { [blocking] link in
            guard let canceller = link.canceller() else { return }
            // Without a thread to tell the server, the caller is at least not kept waiting.
            if !blocking.submit({ canceller.cancel() }) { link.close() }
        }
    }

    /// The scan is over. Whether it was left alone.
    func end() -> Bool {
        state.withLock { state in
            guard state == .running else { return false }
            state = .ended
            return true
        }
    }
}
