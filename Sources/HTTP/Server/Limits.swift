/// What one client may cost the others. Each has a default that a public server can live with.
public struct Limits: Sendable {
    public var connections = 20_000
    /// Connections that one client address may hold; 0 for no bound.
    public var connectionsPerAddress = 1024
    /// From the first byte of a head, or the accept of the connection, to the head's end.
    public var headerTimeout = Duration.seconds(10)
    /// Between two requests.
    public var idleTimeout = Duration.seconds(60)
    /// Bytes a second below which a body, or the reading of an answer, is too slow, once the grace is over.
    public var slowestRate = 500
    public var rateGrace = Duration.seconds(10)
    /// The largest body, unless a route says otherwise.
    public var body = 1024 * 1024
    /// What a stop may take.
    public var shutdownGrace = Duration.seconds(10)

    public init() {}
}

extension Duration {
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
    }
}

/// When something that must keep a rate has become too slow: a deadline that each byte moves on.
struct RateFloor {
    let start: UInt64
    var bytes = 0
    /// When the last byte went.
    var lastAt: UInt64

    init(start: UInt64, bytes: Int = 0) {
        (self.start, self.bytes, lastAt) = (start, bytes, start)
    }

    func deadline(_ limits: Limits) -> UInt64 {
        let earned = limits.slowestRate > 0 ? UInt64(bytes) &* 1_000_000_000 / UInt64(limits.slowestRate) : UInt64.max / 4
        return start &+ limits.rateGrace.nanoseconds &+ earned
    }
}
