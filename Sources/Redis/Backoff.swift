/// How long to wait before the next attempt to connect: soon at first, then more each time, and spread, so that all nodes do not come
/// back in one moment.
struct Backoff: Equatable, Sendable {
    private(set) var failures = 0

    static let first: UInt64 = 50_000_000
    static let longest: UInt64 = 1_000_000_000

    /// Nanoseconds until the next attempt: none after a connection that had worked, and then more each time.
    mutating func next(using generator: inout some RandomNumberGenerator) -> UInt64 {
        defer { failures += 1 }
        if failures == 0 { return 0 }
        let whole = min(Self.longest, Self.first << UInt64(min(failures - 1, 8)))
        return UInt64.random(in: whole / 2...whole, using: &generator)
    }

    /// An attempt has succeeded.
    mutating func reset() { failures = 0 }
}
