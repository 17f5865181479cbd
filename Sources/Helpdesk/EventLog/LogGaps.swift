internal import Domain

/// How far a reader of the log may go.
///
/// In PostgreSQL a row's number is drawn when the row is written, and the row is seen when its transaction ends: number 7 may be seen
/// before number 6. Who went on to 7 would never see 6. So a reader takes rows in order and stops at a missing number. It may belong to
/// a transaction that still runs, or to one that was undone and whose numbers never come. To tell them apart the reader notes which
/// transaction would have been the next when it saw the gap: all that may have drawn the missing number had begun by then. Once every
/// transaction before that one has ended, what is still missing stays missing, and is passed over.
///
/// (A transaction begins, in this sense, with the first row that it changes. Whoever records an event has changed the row that the
/// event tells of before, so it had begun when it drew the number.)
struct LogGaps: Sendable, Equatable {
    /// What was seen in one statement.
    struct Sight: Sendable, Equatable {
        /// The numbers behind the position, from the lowest on, without end or up to some limit.
        var seqs: [Int]
        /// Which transactions had ended; nil where there is one writer, and every row below a row that is seen was written before.
        var snapshot: Snapshot?
    }

    /// Transactions by their numbers, as `pg_current_snapshot()` tells them.
    struct Snapshot: Sendable, Equatable {
        /// All before this one have ended.
        var oldest: Int
        /// None from this one on had begun.
        var next: Int
    }

    struct Gap: Equatable {
        /// The highest number that was seen with the gap: all missing ones below it were drawn before.
        let below: Int
        /// The transaction that would have been the next then.
        let next: Int
        let since: Moment
    }

    /// All rows up to here were taken, or will never be.
    private(set) var position: Int
    private var gap: Gap?

    init(after position: Int) { self.position = position }

    /// Says how many of the rows may be taken, and goes on behind them.
    mutating func take(_ sight: Sight, at now: Moment) -> Int {
        let settled = settled(sight.snapshot)
        var count = 0
        for seq in sight.seqs {
            guard seq <= position + 1 || seq <= settled else { break }
            position = max(position, seq)
            count += 1
        }
        if count == sight.seqs.count {
            if gap.map({ $0.below <= position }) == true { gap = nil }
        } else if let snapshot = sight.snapshot, let last = sight.seqs.last, gap.map({ $0.below <= position }) ?? true {
            gap = Gap(below: last, next: snapshot.next, since: now)
        }
        return count
    }

    /// Up to where nothing that is missing can come any more.
    private func settled(_ snapshot: Snapshot?) -> Int {
        guard let snapshot else { return .max }
        guard let gap, snapshot.oldest >= gap.next else { return position }
        return gap.below
    }

    /// Milliseconds for which a missing number has held the reader up; nil when none does.
    func age(at now: Moment) -> Int? { gap.map { max(0, now.milliseconds - $0.since.milliseconds) } }
}
