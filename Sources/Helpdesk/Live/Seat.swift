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
        /// What the caller may do could have changed.
        var isCallerStale = false
    }

    private struct State {
        var found = Found()
        /// Whether the session has been woken and has not looked since.
        var isAwake = false
    }

    static let mostEvents = 1000
    static let mostSignals = 100

    private let state = Mutex(State())
    private let wake: @Sendable () -> Void

    /// - Parameter wake: makes the session look; called on any thread.
    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func put(_ event: SharedEvent) {
        change { found in
            // Found by two interests.
            if found.isBehind || found.events.last === event { return }
            if found.events.count < Self.mostEvents {
                found.events.append(event)
            } else {
                found.events = []
                found.isBehind = true
            }
        }
    }

    /// One that comes when there is no room is lost: it would be old news when it is read.
    func put(_ signal: Signal) {
        change { found in
            if found.signals.count < Self.mostSignals { found.signals.append(signal) }
        }
    }

    func callerChanged() { change { $0.isCallerStale = true } }

    /// Takes all that is there, but for what `takesStale` tells.
    func take() -> Found {
        state.withLock { state in
            defer { state.found = Found(isCallerStale: state.found.isCallerStale) }
            state.isAwake = false
            return state.found
        }
    }

    /// Whether the caller could have changed since this was last asked.
    func takesStale() -> Bool {
        state.withLock { state in
            defer { state.found.isCallerStale = false }
            return state.found.isCallerStale
        }
    }

    private func change(_ body: (inout Found) -> Void) {
        let wakes = state.withLock { state in
            body(&state.found)
            defer { state.isAwake = true }
            return !state.isAwake
        }
        if wakes { wake() }
    }
}
