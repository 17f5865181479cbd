internal import Synchronization

/// What the loop does of itself, read by the metrics of any thread.
public final class Figures: Sendable {
    private let ticks = Atomic<UInt64>(0)
    private let busy = Atomic<UInt64>(0)
    private let longest = Atomic<UInt64>(0)
    private let begun = Atomic<UInt64>(0)

    /// A tick begins, at so many nanoseconds of the monotonic clock.
    func begin(tick now: UInt64) { begun.store(now, ordering: .relaxed) }

    /// A tick took so many nanoseconds: for so long a socket that became ready in it had to wait.
    func count(tick nanoseconds: UInt64) {
        // One writer, so a load and a store do, without a locked instruction. The peak may lose a reset; it is a gauge.
        ticks.store(ticks.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        busy.store(busy.load(ordering: .relaxed) &+ nanoseconds, ordering: .relaxed)
        begun.store(0, ordering: .relaxed)
        if nanoseconds > longest.load(ordering: .relaxed) { longest.store(nanoseconds, ordering: .relaxed) }
    }

    /// When the present tick began, on the monotonic clock; nil while the loop waits for something to do.
    public var tickBegan: UInt64? {
        let began = begun.load(ordering: .relaxed)
        return began == 0 ? nil : began
    }

    public var tickCount: UInt64 { ticks.load(ordering: .relaxed) }
    public var busyNanoseconds: UInt64 { busy.load(ordering: .relaxed) }

    /// The longest tick since this was last asked.
    public func takeLongestTick() -> UInt64 { longest.exchange(0, ordering: .relaxed) }
}
