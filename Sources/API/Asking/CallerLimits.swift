internal import Domain
internal import HTTP
internal import Synchronization

/// How often one caller may ask: so many requests in a minute of the clock, counted on this node.
public final class CallerLimits: Sendable {
    private struct Minute {
        var number = 0
        var counts: [String: Int] = [:]
    }

    private let perMinute: Int
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int
    private let minute = Mutex(Minute())

    /// - Parameter perMinute: 0 = no limit.
    public init(perMinute: Int, now: @escaping @Sendable () -> Int) {
        self.perMinute = perMinute
        self.now = now
    }

    /// Counts a request, tells the caller what is left, and throws 429 when nothing is.
    func count(_ caller: Caller?, _ request: Request) throws {
        guard perMinute > 0 else { return }
        let time = now()
        let key = caller?.label ?? request.addressText
        let count = minute.withLock { minute in
            if minute.number != time / 60_000 { minute = Minute(number: time / 60_000) }
            minute.counts[key, default: 0] += 1
            return minute.counts[key, default: 0]
        }
        let seconds = 60 - time / 1000 % 60
        request.answerFields = [
            .init("ratelimit-limit", String(perMinute)), .init("ratelimit-remaining", String(max(perMinute - count, 0))),
            .init("ratelimit-reset", String(seconds)),
        ]
        if count > perMinute { throw Refusal.rateLimit("\(perMinute) per 1 minute", retryAfter: seconds) }
    }
}
