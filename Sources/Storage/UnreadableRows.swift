internal import Synchronization

/// What rows held that this release could not read: a word of a later release, data that somebody has changed by hand. Readers go on
/// without it, and the log tells of each once.
//
// One for the process: rows are read far from everything that knows a log, and what they hold is the same for all who read.
public enum UnreadableRows {
    private struct State {
        var known: Set<String> = []
        var new: [String] = []
    }

    private static let state = Mutex(State())
    /// Beyond these nothing new is told: a damaged table has as many as it has rows.
    private static let most = 200

    public static func note(_ what: String) {
        state.withLock { state in
            guard state.known.count < most, state.known.insert(what).inserted else { return }
            state.new.append(what)
        }
    }

    /// What has been found since this was last asked.
    public static func takeNew() -> [String] {
        state.withLock { state in
            defer { state.new = [] }
            return state.new
        }
    }
}
