import Helpdesk
import Loop

/// Logs why the database refused what it did, for the operator: callers read one plain sentence. Each kind of trouble has a line at once, and
/// then at most one in ten seconds with how many there were: a database that is away refuses thousands of requests a second.
final class DatabaseTroubleLog: Sendable {
    private struct Count {
        var nextLine: UInt64 = 0
        var sinceLine = 0
    }

    private let counts = Locked<[DatabaseTrouble: Count]>([:])
    private let log: Log
    private let now: @Sendable () -> UInt64
    private static let pause: UInt64 = 10_000_000_000

    init(_ log: Log, now: @escaping @Sendable () -> UInt64 = { MonotonicClock.now }) {
        self.log = log
        self.now = now
    }

    func note(_ error: any Error) {
        guard let trouble = DatabaseTrouble(error) else { return }
        let moment = now()
        let count: Int? = counts.withLock { counts in
            var count = counts[trouble] ?? Count()
            defer { counts[trouble] = count }
            count.sinceLine += 1
            guard moment >= count.nextLine else { return nil }
            defer { count.sinceLine = 0 }
            count.nextLine = moment + Self.pause
            return count.sinceLine
        }
        guard let count else { return }
        log.warn("the database refused requests", ["requests": .number(count), "fault": .text("\(error)")])
    }
}
