internal import Domain
internal import HTTP

/// How often one caller may ask: so many requests in a minute of the clock, counted on this node.
public final class CallerLimits: Sendable {
    private let perMinute: Int
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int
    private let counts = MinuteCounts()

    /// - Parameter perMinute: 0 = no limit.
    public init(perMinute: Int, now: @escaping @Sendable () -> Int) {
        self.perMinute = perMinute
        self.now = now
    }

    /// Counts a request, tells the caller what is left, and throws 429 when nothing is.
    func count(_ caller: Caller?, _ request: Request) throws {
        guard perMinute > 0 else { return }
        let time = now()
        let count = counts.count(caller?.label ?? request.addressText, at: time)
        try request.tell(count, of: perMinute, secondsLeft: MinuteCounts.secondsLeft(at: time))
    }

    /// Counts what a caller asks for other than by a request, and throws 429 when nothing is left.
    func count(_ caller: Caller) throws {
        guard perMinute > 0 else { return }
        let time = now()
        guard counts.count(caller.label, at: time) > perMinute else { return }
        throw Refusal.rateLimit("\(perMinute) per 1 minute", retryAfter: MinuteCounts.secondsLeft(at: time))
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
