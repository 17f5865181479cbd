/// A sleep that ends at its time, or sooner when somebody rings: for a service that does something from time to time and also when
/// it is asked to. One sleeper at a time; anybody may ring, from any thread.
public final class Alarm: Sendable {
    private struct State {
        var sleeper: UnsafeContinuation<Void, Never>?
        var deadline: UInt64 = 0
        /// When the loop will look here next. Whoever is rung often would leave a timer each time, so one serves for all.
        var look: UInt64?
        var hasRung = false
    }

    private let loop: EventLoop
    private let state = Locked(State())

    public init(on loop: EventLoop) { self.loop = loop }

    /// Returns when `nanoseconds` have passed, when it rings, or when the task is cancelled; at once when it rang since the last sleep.
    public func sleep(nanoseconds: UInt64) async {
        let deadline = MonotonicClock.now &+ nanoseconds
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isRung = state.withLock { state in
                    precondition(state.sleeper == nil, "an alarm has one sleeper")
                    defer { state.hasRung = false }
                    if !state.hasRung { (state.sleeper, state.deadline) = (continuation, deadline) }
                    return state.hasRung
                }
                if isRung { continuation.resume() } else { lookLater() }
            }
        } onCancel: {
            ring()
        }
    }

    /// Wakes the sleeper, or keeps the next one from falling asleep.
    public func ring() {
        let sleeper = state.withLock { state in
            defer { state.sleeper = nil }
            state.hasRung = state.sleeper == nil
            return state.sleeper
        }
        sleeper?.resume()
    }

    /// Makes the loop look when the present sleep is over, unless it looks before that anyway.
    private func lookLater() {
        let deadline: UInt64? = state.withLock { state in
            guard state.sleeper != nil, state.look == nil || state.look.map({ $0 > state.deadline }) == true else { return nil }
            state.look = state.deadline
            return state.deadline
        }
        guard let deadline else { return }
        loop.submit { [self] in
            let now = MonotonicClock.now
            loop.after(nanoseconds: deadline > now ? deadline - now : 0) { self.look(at: deadline) }
        }
    }

    private func look(at deadline: UInt64) {
        let sleeper: UnsafeContinuation<Void, Never>? = state.withLock { state in
            if state.look == deadline { state.look = nil }
            guard state.deadline <= MonotonicClock.now else { return nil }
            defer { state.sleeper = nil }
            return state.sleeper
        }
        if let sleeper { sleeper.resume() } else { lookLater() }
    }
}
