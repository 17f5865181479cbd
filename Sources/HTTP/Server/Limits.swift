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
    /// The same for callers without a credential: it takes no more to sign in or to register.
    public var strangersBody = 16 * 1024
    /// What the bodies that one loop holds may take together.
    public var bodiesOfLoop = 256 << 20
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

/// How long a peer that must keep a rate may still take. Each byte earns time, but never more than the grace: a megabyte that came at
/// once does not pay for half an hour of silence.
struct RateFloor {
    /// Nanoseconds that may pass before the next byte.
    private(set) var patience: UInt64

    init(_ limits: Limits) { patience = limits.slowestRate > 0 ? limits.rateGrace.nanoseconds : .max }

    mutating func spend(_ nanoseconds: UInt64) {
        if patience != .max { patience -= min(patience, nanoseconds) }
    }

    mutating func earn(_ bytes: Int, _ limits: Limits) {
        guard patience != .max, limits.slowestRate > 0 else { return }
        let earned = UInt64(min(max(bytes, 0), 1 << 32)) &* 1_000_000_000 / UInt64(limits.slowestRate)
        patience = min(patience &+ earned, max(limits.rateGrace.nanoseconds, 1_000_000_000))
    }
}
