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
///
/// Transactions of other databases on the same server do not count: they cannot write into this one, and may stay open for hours. The proof,
/// for a look L that passes over a gap with the mark M:
///
/// 1. Whoever drew the missing number had a transaction number below M, as above.
/// 2. L's snapshot lists what was in progress. What it does not list, and is below the snapshot's end, had ended before L, and L shows its
///    rows if it was committed. (The transaction of the mark has ended, so M is below that end.)
/// 3. Of what it lists, L leaves out only numbers that the server shows at a session, or at a prepared transaction, of *another* database.
///    A transaction belongs to one database from its beginning to its end, so it does not matter when that was looked up, before the
///    snapshot or after it. A number that nobody is shown with, as when its session has just ended, still counts as running, and so does
///    one without a database; the next look will do.
/// 4. So when the lowest number that is left is no lower than M, whoever may have drawn the missing number has ended before L: a prepared
///    transaction of this database, which may yet be committed, is listed as one that runs, and is waited for.
///
/// (Sessions show the lower 32 bits of a number. All that are in progress at a time are less than 2³¹ apart, so these bits tell them apart.)
struct LogGaps: Sendable, Equatable {
    /// What was seen in one statement.
    struct Sight: Sendable, Equatable {
        /// The numbers behind the position, from the lowest on, without end or up to some limit.
        var seqs: [Int]
        /// All transactions of this database below this had ended; nil where there is one writer, and every row below a row that is seen was written
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

    /// Whether the next look may pass over a gap, and so has to know exactly which transactions run.
    var isDeciding: Bool { gap?.mark != nil }

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
    /// Stands behind the columns of a look at the log: below which all transactions of this database had ended, as that statement sees it.
    ///
    /// - Parameter isExact: without it the number may be too low, by what runs in other databases; that is found more cheaply, and will do
    ///   where no gap is to be decided.
    func oldestRunning(isExact: Bool) -> SQL {
        guard self == .postgres else { return "" }
        guard isExact else { return ", CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)" }
        return """
            , (SELECT COALESCE(min(CAST(CAST(r.xid AS text) AS bigint)), CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint))
            FROM pg_snapshot_xip(pg_current_snapshot()) AS r(xid)
            WHERE CAST(CAST(r.xid AS text) AS bigint) % 4294967296 NOT IN (
                SELECT CAST(CAST(a.backend_xid AS text) AS bigint) FROM pg_stat_activity a
                WHERE a.backend_xid IS NOT NULL AND a.datname <> current_database()
                UNION ALL
                SELECT CAST(CAST(p.transaction AS text) AS bigint) FROM pg_prepared_xacts p WHERE p.database <> current_database()))
            """
    }
}
