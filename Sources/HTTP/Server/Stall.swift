internal import Loop

/// A client that does not take what waits for it, from when its socket took no more.
///
/// What counts is what the client has acknowledged, and not what the kernel took: the kernel would take on trust, and then hold it.
struct Stall {
    private var floor: RateFloor
    private var since: UInt64
    private var acknowledged: UInt64

    init(_ limits: Limits, of descriptor: Int32, at now: UInt64) {
        floor = RateFloor(limits)
        since = now
        acknowledged = Socket.acknowledged(descriptor)
    }

    /// Whether the client has kept the rate until now.
    mutating func isKeepingRate(_ limits: Limits, _ descriptor: Int32, at now: UInt64) -> Bool {
        let count = Socket.acknowledged(descriptor)
        floor.spend(now &- min(since, now))
        floor.earn(Int(clamping: count &- min(acknowledged, count)), limits)
        since = max(since, now)
        acknowledged = count
        return floor.patience > 0
    }
}
