internal import Domain
internal import Storage
internal import Synchronization

/// How far the log is settled, as this node knows: below that nothing will come any more, so who has read up to there has lost nothing.
///
/// It goes on when somebody looks. It begins at the log's end, not at its beginning: what is there when the node starts is one gap to
/// it, which closes once the transactions of that moment have ended.
final class LogTail: Sendable {
    private struct State {
        /// The log's end when it was looked at first, and a transaction that began after that.
        var start: (end: Int, mark: Int, since: Moment)?
        var gaps: LogGaps?
    }

    private let state = Mutex(State())

    /// Looks at the log's end. Gives up to where it is settled; nil as long as that is not known.
    func advance(_ desk: Desk) async throws -> Int? {
        if state.withLock({ $0.gaps == nil }) {
            guard try await start(desk) else { return nil }
        }
        while true {
            let (position, isExact) = state.withLock { ($0.gaps?.position ?? 0, $0.gaps?.isDeciding ?? false) }
            let sight = try await desk.read { look in try await look.db.sight(after: position, isExact: isExact) }
            let now = desk.outside.now()
            let (taken, gap) = state.withLock { state in (state.gaps?.take(sight, at: now) ?? 0, state.gaps?.unmarked) }
            if let gap {
                let mark = try await desk.markOfGap()
                state.withLock { $0.gaps?.mark(gap, mark) }
            } else if taken < Connection.sightLength {
                return state.withLock { $0.gaps?.position }
            }
        }
    }

    /// Milliseconds for which a missing number has held the log up, or a transaction has kept this node from knowing where to begin; 0 when
    /// nothing does.
    func gapAge(at now: Moment) -> Int {
        state.withLock { state in
            if let gaps = state.gaps { return gaps.age(at: now) ?? 0 }
            return state.start.map { max(0, now.milliseconds - $0.since.milliseconds) } ?? 0
        }
    }

    /// Whether this node knows where the log is settled, so that it can be followed here.
    var hasBegun: Bool { state.withLock { $0.gaps != nil } }

    /// Whether it is known where to begin.
    private func start(_ desk: Desk) async throws -> Bool {
        let isFirst = state.withLock { $0.start == nil }
        var look = try await desk.read { look in try await look.db.endOfLog(isExact: !isFirst) }
        if look.oldest != nil, isFirst {
            let start = (end: look.seq, mark: try await desk.markOfGap(), since: desk.outside.now())
            state.withLock { state in state.start = state.start ?? start }
            look = try await desk.read { look in try await look.db.endOfLog(isExact: true) }
        }
        let seen = look
        return state.withLock { state in
            if state.gaps != nil { return true }
            guard let oldest = seen.oldest else {
                state.gaps = LogGaps(after: seen.seq)
                return true
            }
            guard let start = state.start, oldest >= start.mark else { return false }
            state.gaps = LogGaps(after: start.end)
            return true
        }
    }
}

extension Desk {
    /// Milliseconds for which a number that is missing in the log has held up its readers on this node; 0 when none does.
    public var logGapAge: Int { tail.gapAge(at: outside.now()) }

    /// Whether events can be followed on this node. Soon after its start, unless a transaction that was open then stays open.
    public var followsLog: Bool { tail.hasBegun }
}

extension LogTail {
    static func sight(after position: Int, _ engine: Engine, isExact: Bool = false) -> SQL {
        "SELECT e.seq\(engine.oldestRunning(isExact: isExact)) FROM events e WHERE e.seq > \(position) ORDER BY e.seq LIMIT 1000"
    }
}

extension Connection {
    /// How many rows a look at the log sees.
    static var sightLength: Int { 1000 }

    /// What is behind a position, in one statement with which transactions have ended.
    func sight(after position: Int, isExact: Bool = false) async throws -> LogGaps.Sight {
        let isShared = engine == .postgres
        var oldest: Int?
        let seqs = try await all(LogTail.sight(after: position, engine, isExact: isExact)) { row in
            let seq = row.int()
            if isShared { oldest = row.int() }
            return seq
        }
        return LogGaps.Sight(seqs: seqs, oldest: oldest)
    }

    /// The highest number in the log, settled or not; 0 when it is empty.
    func lastSeq() async throws -> Int { try await first("SELECT COALESCE(max(seq), 0) FROM events") { $0.int() } ?? 0 }

    /// The highest number in the log, 0 when it is empty, and below which all transactions had ended.
    fileprivate func endOfLog(isExact: Bool) async throws -> (seq: Int, oldest: Int?) {
        let isShared = engine == .postgres
        let end = try await first("SELECT COALESCE((SELECT max(seq) FROM events), 0)\(engine.oldestRunning(isExact: isExact))") { row in
            (seq: row.int(), oldest: isShared ? row.int() : nil)
        }
        guard let end else { throw StorageFault.broken("no answer to what always has one") }
        return end
    }
}
