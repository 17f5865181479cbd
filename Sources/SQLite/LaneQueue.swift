internal import Loop
internal import Storage

/// The errands that wait for a lane, taken by the lane many at a time. Bounded: one more than may wait is refused at once, so that
/// callers are told while somebody still listens.
final class LaneQueue: Sendable {
    private struct Waiting {
        var errands: [any AnyErrand] = []
        /// Whether the lane was told, or is at work, and will look again.
        var isAwake = false
        var isClosed = false
    }

    private let waiting = Locked(Waiting())
    private let bound: Int
    private let lane: Lane

    init(on lane: Lane, bound: Int) {
        self.lane = lane
        self.bound = bound
    }

    /// Whether the next errand would be refused.
    var isFull: Bool { waiting.withLock { $0.errands.count >= bound } }

    /// Adds an errand, and sees to it that `drain` runs on the lane. An errand that cannot be taken is answered with why.
    func add(_ errand: any AnyErrand, drain: @escaping @Sendable () -> Void) {
        var refusal: StorageFault?
        let mustWake = waiting.withLock { waiting in
            guard !waiting.isClosed else {
                refusal = .unavailable("it is being closed")
                return false
            }
            guard waiting.errands.count < bound else {
                refusal = .busy("too many changes wait")
                return false
            }
            waiting.errands.append(errand)
            defer { waiting.isAwake = true }
            return !waiting.isAwake
        }
        if let refusal {
            errand.fail(refusal)
            return errand.answer()
        }
        if mustWake { lane.submit(drain) }
    }

    /// The oldest that wait, `most` of them at most; none when the lane may go to sleep.
    func take(_ most: Int) -> [any AnyErrand] {
        waiting.withLock { waiting in
            let taken = Array(waiting.errands.prefix(most))
            if taken.isEmpty { waiting.isAwake = false } else { waiting.errands.removeFirst(taken.count) }
            return taken
        }
    }

    /// Lets what waits run, and takes no more.
    func close() async {
        waiting.withLock { $0.isClosed = true }
        // The drain that is under way goes on until nothing waits; this comes after it.
        await lane.run {}
    }
}
