internal import Domain
internal import HTTP

/// How often one caller may ask: so many requests in a minute of the clock, counted on this node, or on all of them together. Those without
/// a credential are one caller for each network, since whoever has an IPv6 network has as many addresses as they like.
public final class CallerLimits: Sendable {
    private let perMinute: Int
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int
    private let counts = PeriodCounts(of: PeriodCounts.minute)
    private let shared: SharedCounts?

    /// - Parameters:
    ///   - perMinute: 0 = no limit.
    ///   - shared: what all nodes count together; nil when each counts for itself.
    public init(perMinute: Int, shared: SharedCounts? = nil, now: @escaping @Sendable () -> Int) {
        self.perMinute = perMinute
        self.shared = shared
        self.now = now
    }

    /// Counts a request, tells the caller what is left, and throws 429 when nothing is.
    func count(_ caller: Caller?, _ request: Request) async throws {
        guard perMinute > 0 else { return }
        let time = now()
        let sum = await count(caller?.label ?? request.networkText, at: time)
        try request.tell(sum, of: perMinute, secondsLeft: PeriodCounts.secondsLeft(at: time))
    }

    /// Counts what a caller asks for other than by a request, and throws 429 when nothing is left.
    func count(_ caller: Caller) async throws {
        guard perMinute > 0 else { return }
        let time = now()
        guard await count(caller.label, at: time) > perMinute else { return }
        throw Refusal.rateLimit("\(perMinute) per 1 minute", retryAfter: PeriodCounts.secondsLeft(at: time))
    }

    private func count(_ key: String, at time: Int) async -> Int {
        if let shared { await shared.count(key, of: perMinute, at: time) } else { counts.count(key, at: time) }
    }
}

extension Request {
    /// Tells the caller what is left of a limit, and throws 429 when nothing is.
    func tell(_ count: Int, of perMinute: Int, secondsLeft: Int) throws {
        answerFields = [
            .init("ratelimit-limit", String(perMinute)), .init("ratelimit-remaining", String(max(perMinute - count, 0))),
            .init("ratelimit-reset", String(secondsLeft)),
        ]
        if count > perMinute { throw Refusal.rateLimit("\(perMinute) per 1 minute", retryAfter: secondsLeft) }
    }
}
