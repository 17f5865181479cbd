internal import Domain
internal import Storage
internal import Synchronization

/// How far the log is settled, as this node knows: below that nothing will come any more, so who has read up to there has lost nothing.
///
/// It goes on when somebody looks. It begins at the log's end, not at its beginning: what is there when the node starts is one gap to
/// it, which closes once the transactions of that moment have ended.
final class LogTail: Sendable {
    private struct State {
        /// The log's end when it was looked at first, and the transaction that would have been the next.
        var start: (end: Int, next: Int)?
        var gaps: LogGaps?
    }

    private let state = Mutex(State())

    /// Looks at the log's end. Gives up to where it is settled; nil as long as that is not known.
    func advance(_ desk: Desk) async throws -> Int? {
        while true {
            guard let position = state.withLock({ $0.gaps?.position }) else {
                if try await start(desk) { continue }
                return nil
            }
            let sight = try await desk.read { look in try await look.db.sight(after: position) }
            let now = desk.outside.now()
            let taken = state.withLock { state in state.gaps?.take(sight, at: now) ?? 0 }
            if taken < Connection.sightLength { return state.withLock { $0.gaps?.position } }
        }
    }

    /// Milliseconds for which a missing number has held the log up; 0 when none does.
    func gapAge(at now: Moment) -> Int { state.withLock { $0.gaps?.age(at: now) ?? 0 } }

    /// Whether it is known where to begin.
    private func start(_ desk: Desk) async throws -> Bool {
        let end = try await desk.read { look in try await look.db.endOfLog() }
        return state.withLock { state in
            guard state.gaps == nil else { return true }
            guard let snapshot = end.snapshot else {
                state.gaps = LogGaps(after: end.seq)
                return true
            }
            let start = state.start ?? (end.seq, snapshot.next)
            state.start = start
            guard snapshot.oldest >= start.next else { return false }
            state.gaps = LogGaps(after: start.end)
            return true
        }
    }
}

extension Desk {
    /// Milliseconds for which a number that is missing in the log has held up its readers on this node; 0 when none does.
    public var logGapAge: Int { tail.gapAge(at: outside.now()) }
}

extension Connection {
    /// How many rows a look at the log sees.
    static var sightLength: Int { 1000 }

    /// What is behind a position, in one statement with which transactions have ended.
    func sight(after position: Int) async throws -> LogGaps.Sight {
        var snapshot: LogGaps.Snapshot?
        let question: SQL =
            switch engine {
            case .sqlite: "SELECT e.seq FROM events e WHERE e.seq > \(position) ORDER BY e.seq LIMIT 1000"
            case .postgres:
                "SELECT e.seq, \(.snapshot) FROM events e CROSS JOIN \(.now) s WHERE e.seq > \(position) ORDER BY e.seq LIMIT 1000"
            }
        let hasSnapshot = engine == .postgres
        let seqs = try await all(question) { row in
            let seq = row.int()
            if hasSnapshot, snapshot == nil { snapshot = row.snapshot() }
            return seq
        }
        return LogGaps.Sight(seqs: seqs, snapshot: snapshot)
    }

    /// The highest number in the log, 0 when it is empty.
    fileprivate func endOfLog() async throws -> (seq: Int, snapshot: LogGaps.Snapshot?) {
        let end: SQL = "COALESCE((SELECT max(seq) FROM events), 0)"
        switch engine {
        case .sqlite: return (try await first("SELECT \(end)") { $0.int() } ?? 0, nil)
        case .postgres:
            let found = try await first("SELECT \(end), \(.snapshot) FROM \(.now) s") { (seq: $0.int(), snapshot: $0.snapshot()) }
            guard let found else { throw StorageFault.broken("no answer to what always has one") }
            return (found.seq, found.snapshot)
        }
    }
}

extension SQL {
    /// This statement's snapshot, as a table of one row.
    static var now: SQL { "(SELECT pg_current_snapshot() AS now)" }

    /// Of that snapshot what `Row.snapshot` reads.
    static var snapshot: SQL {
        "CAST(CAST(pg_snapshot_xmin(s.now) AS text) AS bigint), CAST(CAST(pg_snapshot_xmax(s.now) AS text) AS bigint)"
    }
}

extension Row {
    mutating func snapshot() -> LogGaps.Snapshot { LogGaps.Snapshot(oldest: int(), next: int()) }
}
