internal import Synchronization

/// Counts what happens by key in each minute of the clock, on this node, in bounded memory.
///
/// When there are more keys than it has room for, those that come later share counters by chance: in a flood of made-up names somebody
/// may be refused who is new in that minute, and nobody gets more than their share.
final class MinuteCounts: Sendable {
    private struct Minute {
        var number = 0
        var counts: [String: Int] = [:]
        /// For the keys that found no room.
        var shared: [Int] = []
    }

    static let mostKeys = 50_000
    private static let sharedCounters = 4096
    private let most: Int
    private let minute = Mutex(Minute())

    init(mostKeys: Int = mostKeys) { most = mostKeys }

    /// Counts one more, and gives the sum of this minute.
    func count(_ key: String, at milliseconds: Int) -> Int {
        let number = milliseconds / 60_000
        return minute.withLock { minute in
            if minute.number != number { minute = Minute(number: number) }
            if minute.counts[key] == nil, minute.counts.count >= most { return Self.countShared(key, in: &minute) }
            minute.counts[key, default: 0] += 1
            return minute.counts[key, default: 0]
        }
    }

    /// The sum of this minute, without counting. A key that shares its counter may be told the others' too.
    func sum(of key: String, at milliseconds: Int) -> Int {
        minute.withLock { minute in
            guard minute.number == milliseconds / 60_000 else { return 0 }
            if let count = minute.counts[key] { return count }
            return minute.shared.isEmpty ? 0 : minute.shared[Self.sharedPlace(of: key)]
        }
    }

    private static func countShared(_ key: String, in minute: inout Minute) -> Int {
        if minute.shared.isEmpty { minute.shared = [Int](repeating: 0, count: sharedCounters) }
        let place = sharedPlace(of: key)
        minute.shared[place] += 1
        return minute.shared[place]
    }

    /// Swift seeds its hashes anew for each process, so nobody can aim at somebody else's counter.
    private static func sharedPlace(of key: String) -> Int { Int(UInt(bitPattern: key.hashValue) % UInt(sharedCounters)) }

    /// Seconds until the minute ends.
    static func secondsLeft(at milliseconds: Int) -> Int { 60 - milliseconds / 1000 % 60 }
}
