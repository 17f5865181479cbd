internal import Domain
internal import HTTP
internal import Helpdesk

/// How often a person may ask each route of this dialect in a minute of the clock, whatever the desk's own limit is. Every request by
/// somebody we know counts, the faulty ones too, so this stands before anything is read.
final class LiveLimits: Sendable {
    private let now: @Sendable () -> Int
    private let counts = PeriodCounts(of: PeriodCounts.minute)
    private let shared: SharedCounts?

    /// - Parameter shared: what all nodes count together; nil when each counts for itself.
    init(of desk: Desk, shared: SharedCounts?) {
        now = { desk.outside.now().milliseconds }
        self.shared = shared
    }

    /// What stands around a route that is to be asked so often.
    func limiting(_ route: StaticString, to perMinute: Int) -> Middleware {
        { handler in
            { request in
                try await self.count(route, perMinute, request)
                return try await handler(request)
            }
        }
    }

    private func count(_ route: StaticString, _ perMinute: Int, _ request: Request) async throws {
        let key = "\(route) \(try request.mustBeSignedIn().id.text)"
        let time = now()
        let count = if let shared { await shared.count(key, of: perMinute, at: time) } else { counts.count(key, at: time) }
        try request.tell(count, of: perMinute, secondsLeft: PeriodCounts.secondsLeft(at: time))
    }
}
