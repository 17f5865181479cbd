internal import Loop

/// Lets scans in, but for the moments in which the write-ahead log is emptied.
///
/// SQLite can begin its log anew only when nobody reads an older state of the database. Short reads leave it moments enough; scans
/// that overlap would leave none, and the log would grow as long as they come.
final class ScanGate: Sendable {
    private struct State {
        var inside = 0
        /// What is to be done once nobody is inside; while there is something, nobody gets in.
        var errand: (@Sendable () -> Void)?
        var waiting: [@Sendable () -> Void] = []
        var isStopped = false
    }

    private let state = Locked(State())

    /// Whether a scan may begin. If not, `again` is called when it may be asked once more.
    func enter(orElse again: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.errand == nil else {
                state.waiting.append(again)
                return false
            }
            state.inside += 1
            return true
        }
    }

    func leave() {
        let errand = state.withLock { state in
            state.inside -= 1
            return state.inside == 0 ? state.errand : nil
        }
        errand?()
    }

    /// Lets nobody in until `open()`, and calls `errand` when everybody is out.
    func shut(_ errand: @escaping @Sendable () -> Void) {
        let isEmpty = state.withLock { state in
            guard state.errand == nil, !state.isStopped else { return false }
            state.errand = errand
            return state.inside == 0
        }
        if isEmpty { errand() }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { (state.errand, state.waiting) = (nil, []) }
            return state.waiting
        }
        for again in waiting { again() }
    }

    /// Opens for good.
    func stop() {
        state.withLock { $0.isStopped = true }
        open()
    }
}
