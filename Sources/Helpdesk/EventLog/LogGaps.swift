internal import Domain
internal import Storage

/// How far a reader of the log may go.
///
/// In PostgreSQL a row's number is drawn when the row is written, and the row is seen when its transaction ends: number 7 may be seen
/// before number 6. Who went on to 7 would never see 6. So a reader takes rows in order and stops at a missing number. It may belong to
/// a transaction that still runs, or to one that was undone and whose numbers never come. To tell them apart the reader, having seen
/// the gap, begins a transaction of its own: whoever may have drawn the missing number has a lower one. Once a look shows that every
/// transaction below that mark has ended, what the same look does not see will never come, and is passed over.
///
/// The end of the look's own snapshot is no such mark: it lies behind the last transaction that has *ended*, and one that runs may lie
/// behind it.
///
/// (A transaction gets its number with the first row that it changes. Whoever records an event has changed the row that the event tells
/// of before, so it had its number when it drew the event's.)
struct LogGaps: Sendable, Equatable {
    /// What was seen in one statement.
    struct Sight: Sendable, Equatable {
        /// The numbers behind the position, from the lowest on, without end or up to some limit.
        var seqs: [Int]
        /// All transactions below this had ended; nil where there is one writer, and every row below a row that is seen was written
        /// before.
        var oldest: Int?
    }

    struct Gap: Sendable, Equatable {
        /// The highest number that was seen with the gap: all missing ones below it were drawn before.
        let below: Int
        let since: Moment
        /// A transaction that began after the gap was seen.
        var mark: Int?
    }

    /// All rows up to here were taken, or will never be.
    private(set) var position: Int
    private var gap: Gap?

    init(after position: Int) { self.position = position }

    /// Says how many of the rows may be taken, and goes on behind them.
    mutating func take(_ sight: Sight, at now: Moment) -> Int {
        let settled = settled(sight.oldest)
        var count = 0
        for seq in sight.seqs {
            guard seq <= position + 1 || seq <= settled else { break }
            position = max(position, seq)
            count += 1
        }
        if let gap, gap.below <= position { self.gap = nil }
        if gap == nil, count < sight.seqs.count, let last = sight.seqs.last { gap = Gap(below: last, since: now) }
        return count
    }

    /// Up to where nothing that is missing can come any more.
    private func settled(_ oldest: Int?) -> Int {
        guard let oldest else { return .max }
        guard let gap, let mark = gap.mark, oldest >= mark else { return position }
        return gap.below
    }

    /// The gap that stops the reader, as long as it has no mark.
    var unmarked: Gap? { gap?.mark == nil ? gap : nil }

    /// Sets the mark of that gap, if it is still the one that stops the reader.
    mutating func mark(_ gap: Gap, _ mark: Int) {
        if self.gap == gap { self.gap?.mark = mark }
    }

    /// Milliseconds for which a missing number has held the reader up; nil when none does.
    func age(at now: Moment) -> Int? { gap.map { max(0, now.milliseconds - $0.since.milliseconds) } }
}

extension Desk {
    /// The number of a transaction that begins now and ends at once. Of PostgreSQL alone.
    func markOfGap() async throws -> Int {
        let mark = try await database.write { db in
            try await db.first("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)") { $0.int() }
        }
        guard let mark else { throw StorageFault.broken("no answer to what always has one") }
        return mark
    }
}

extension Engine {
    /// Stands behind the columns of a look at the log: below which all transactions had ended, as that statement sees it.
    var oldestRunning: SQL {
        self == .postgres ? ", CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)" : ""
    }
}
