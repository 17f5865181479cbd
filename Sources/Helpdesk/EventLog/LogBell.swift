internal import Synchronization

/// Rings on this node when events have been written on it, so that readers need not wait until they look again by themselves. Ringing
/// costs nothing when nobody listens.
public final class LogBell: Sendable {
    /// Called with the highest number that was written, on the thread that wrote it: it may do no more than wake somebody.
    public typealias Listener = @Sendable (Int) -> Void

    private struct State {
        var listeners: [Int: Listener] = [:]
        var count = 0
    }

    private let state = Mutex(State())
    private let listenerCount = Atomic<Int>(0)

    init() {}

    /// Whether the highest number is of use to anybody.
    var isHeard: Bool { listenerCount.load(ordering: .relaxed) > 0 }

    /// Calls `listener` after each commit until what is returned is given to `leave`.
    public func listen(_ listener: @escaping Listener) -> Int {
        state.withLock { state in
            state.count += 1
            state.listeners[state.count] = listener
            listenerCount.store(state.listeners.count, ordering: .relaxed)
            return state.count
        }
    }

    public func leave(_ number: Int) {
        state.withLock { state in
            state.listeners[number] = nil
            listenerCount.store(state.listeners.count, ordering: .relaxed)
        }
    }

    /// Tells all who listen. Also what another node has told may be passed on by it.
    public func ring(upTo seq: Int) {
        guard isHeard else { return }
        for listener in state.withLock({ Array($0.listeners.values) }) { listener(seq) }
    }
}
