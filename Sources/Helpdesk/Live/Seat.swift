internal import Domain
internal import Synchronization

/// Where the hub puts what has come for one session, until the session takes it. Putting never waits: a seat that is full is marked as
/// behind, and its session reads on in the log.
final class Seat: Sendable {
    /// What a session finds at its seat.
    struct Found {
        var events: [SharedEvent] = []
        var signals: [Signal] = []
        /// Events were left out; they are in the log.
        var isBehind = false
    }

    private struct State {
        var found = Found()
        /// About what the events take.
        var size = 0
        /// What the caller may do could have changed.
        var isCallerStale = false
        /// Whether the session has been woken and has not looked since.
        var isAwake = false
    }

    static let mostEvents = 1000
    static let mostBytes = 1024 * 1024
    static let mostSignals = 100

    private let state = Mutex(State())
    private let wake: @Sendable () -> Void

    /// - Parameter wake: makes the session look; called on any thread.
    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func put(_ event: SharedEvent) {
        change { state in
            // Found by two interests.
            if state.found.isBehind || state.found.events.last === event { return }
            state.size += event.size
            if state.found.events.count < Self.mostEvents, state.size <= Self.mostBytes {
                state.found.events.append(event)
            } else {
                state.found.events = []
                state.found.isBehind = true
            }
        }
    }

    /// One that comes when there is no room is lost: it would be old news when it is read.
    func put(_ signal: Signal) {
        change { state in
            if state.found.signals.count < Self.mostSignals { state.found.signals.append(signal) }
        }
    }

    func callerChanged() { change { $0.isCallerStale = true } }

    /// Takes all that is there. Nil, and everything stays, when the caller has to be looked at first: what comes behind a change of what
    /// they may do is not given to who they were before.
    func take() -> Found? {
        state.withLock { state in
            if state.isCallerStale { return nil }
            defer { state.found = Found() }
            state.isAwake = false
            state.size = 0
            return state.found
        }
    }

    /// Whether the caller could have changed since this was last asked.
    func takesStale() -> Bool {
        state.withLock { state in
            defer { state.isCallerStale = false }
            return state.isCallerStale
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let wakes = state.withLock { state in
            body(&state)
            defer { state.isAwake = true }
            return !state.isAwake
        }
        if wakes { wake() }
    }
}
