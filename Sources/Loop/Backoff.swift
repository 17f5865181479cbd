/// How long to wait before the next attempt to connect.
///
/// Short at first, since a server that is gone refuses at once and costs little to ask, and service should be back soon after it is;
/// then longer each time, up to a bound; and spread, so that a thousand links do not come back in one moment.
public struct Backoff: Equatable, Sendable {
    public private(set) var failures = 0
    private let longest: UInt64

    static let first: UInt64 = 50_000_000

    /// - Parameter longest: in nanoseconds.
    public init(longest: UInt64) { self.longest = longest }

    /// Nanoseconds until the next attempt: none after a connection that had worked, and then more each time.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> UInt64 {
        defer { failures += 1 }
        if failures == 0 { return 0 }
        let whole = min(longest, Self.first << UInt64(min(failures - 1, 8)))
        return UInt64.random(in: whole / 2...whole, using: &generator)
    }

    /// An attempt has succeeded.
    public mutating func reset() { failures = 0 }
}
