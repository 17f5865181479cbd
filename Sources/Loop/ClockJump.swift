/// Finds out when the machine's clock was set: then it and the clock that only counts have parted since the last look. A pure value.
public struct ClockJump {
    private var last: (wall: Int64, counted: UInt64)?

    public init() {}

    /// Milliseconds by which the clock was set forward since the last look, or back when negative; 0 at the first look.
    /// - Parameters:
    ///   - wall: milliseconds since 1970.
    ///   - counted: nanoseconds since some moment.
    public mutating func look(wall: Int64, counted: UInt64) -> Int64 {
        defer { last = (wall, counted) }
        guard let last, counted >= last.counted else { return 0 }
        return (wall &- last.wall) &- Int64(clamping: (counted - last.counted) / 1_000_000)
    }
}
