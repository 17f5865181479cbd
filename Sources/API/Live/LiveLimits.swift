internal import Domain
internal import HTTP
internal import Helpdesk

/// How often a person may ask each route of this dialect in a minute of the clock, whatever the desk's own limit is. Every request by
/// somebody we know counts, the faulty ones too, so this stands before anything is read.
final class LiveLimits: Sendable {
    private let now: @Sendable () -> Int
    private let counts = MinuteCounts()

    init(of desk: Desk) { now = { desk.outside.now().milliseconds } }

    /// What stands around a route that is to be asked so often.
    func limiting(_ route: StaticString, to perMinute: Int) -> Middleware {
        { handler in
            { request in
                try self.count(route, perMinute, request)
                return try await handler(request)
            }
        }
    }

    private func count(_ route: StaticString, _ perMinute: Int, _ request: Request) throws {
        let caller = try request.mustBeSignedIn()
        let time = now()
        let count = counts.count("\(route) \(caller.id.text)", at: time)
        try request.tell(count, of: perMinute, secondsLeft: MinuteCounts.secondsLeft(at: time))
    }
}
