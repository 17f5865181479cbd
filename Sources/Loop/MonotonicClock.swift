internal import CLinux
internal import Glibc

/// The clocks of the machine, as numbers.
public enum MonotonicClock {
    /// Nanoseconds since some moment before the start; never goes back.
    public static var now: UInt64 { nanoseconds(read(CLOCK_MONOTONIC)) }

    /// The same, counted on while the machine sleeps.
    public static var sinceBoot: UInt64 { nanoseconds(read(CLOCK_BOOTTIME)) }

    /// Milliseconds since 1970, UTC; follows the machine's clock, so it may go back. From 1970 to the end of the year 9999, whatever that
    /// clock says: a machine may start before its clock is set.
    public static var wallMilliseconds: Int64 { milliseconds(read(CLOCK_REALTIME)) }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }

    /// Of a clock that counts from a start, and so is never below zero.
    private static func nanoseconds(_ time: timespec) -> UInt64 {
        UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }

    static func milliseconds(_ time: timespec) -> Int64 {
        let last: Int64 = 253_402_300_799
        if time.tv_sec < 0 { return 0 }
        if time.tv_sec > last { return last * 1000 + 999 }
        return Int64(time.tv_sec) * 1000 + min(max(Int64(time.tv_nsec), 0), 999_999_999) / 1_000_000
    }
}
