internal import Synchronization

/// Counts what happens by key in each period of the clock, on this node, in bounded memory.
///
/// When there are more keys than it has room for, those that come later share counters by chance: in a flood of made-up names somebody
/// may be refused who is new in that period, and nobody gets more than their share. So keys are short, and nobody's own words: a person's
/// id, a network, a digest.
final class PeriodCounts: Sendable {
    private struct Period {
        var number = 0
        var counts: [String: Int] = [:]
        /// For the keys that found no room.
        var shared: [Int] = []
    }

    static let minute = 60_000
    static let hour = 3_600_000
    static let mostKeys = 50_000
    private static let sharedCounters = 4096
    private let most: Int
    private let length: Int
    private let period = Mutex(Period())

    /// - Parameter length: of a period, in milliseconds.
    init(of length: Int, mostKeys: Int = mostKeys) {
        self.length = length
        most = mostKeys
    }

    /// Counts more, and gives the sum of this period.
    @discardableResult
    func count(_ key: String, adding amount: Int = 1, at milliseconds: Int) -> Int {
        let number = milliseconds / length
        return period.withLock { period in
            if period.number != number { period = Period(number: number) }
            if period.counts[key] == nil, period.counts.count >= most { return Self.countShared(key, amount, in: &period) }
            let sum = Self.sum(period.counts[key] ?? 0, amount)
            period.counts[key] = sum
            return sum
        }
    }

    /// The sum of this period, without counting. A key that shares its counter may be told the others' too.
    func sum(of key: String, at milliseconds: Int) -> Int {
        period.withLock { period in
            guard period.number == milliseconds / length else { return 0 }
            if let count = period.counts[key] { return count }
            return period.shared.isEmpty ? 0 : period.shared[Self.sharedPlace(of: key)]
        }
    }

    /// Swift seeds its hashes anew for each process, so nobody can aim at somebody else's counter.
    private static func sharedPlace(of key: String) -> Int { Int(UInt(bitPattern: key.hashValue) % UInt(sharedCounters)) }

    private static func countShared(_ key: String, _ amount: Int, in period: inout Period) -> Int {
        if period.shared.isEmpty { period.shared = [Int](repeating: 0, count: sharedCounters) }
        let place = sharedPlace(of: key)
        period.shared[place] = sum(period.shared[place], amount)
        return period.shared[place]
    }

    /// Stays at the most there is: amounts may be large, and a sum that wrapped around would open the door again.
    private static func sum(_ before: Int, _ amount: Int) -> Int {
        let (sum, isTooMuch) = before.addingReportingOverflow(amount)
        return isTooMuch ? .max : sum
    }

    /// Seconds until the period ends.
    func secondsLeft(at milliseconds: Int) -> Int { Self.secondsLeft(of: length, at: milliseconds) }

    static func secondsLeft(of length: Int = minute, at milliseconds: Int) -> Int { length / 1000 - milliseconds / 1000 % (length / 1000) }
}
