internal import Domain
internal import Storage
internal import Synchronization

/// Reads the log for one purpose, such as mail, and remembers in the database how far it has come.
///
/// Each event has its effect once, in the order of the log: effects are made in the transaction that moves the reader on. Several nodes
/// may run readers of one name; whoever locks the reader's row goes on, and the others find that it has been done.
public final class LogReader: Sendable {
    /// Where a reader begins that has never run.
    public enum Start: Sendable {
        case beginning, end
    }

    public let name: String
    private let desk: Desk
    private let start: Start
    private let effects: @Sendable (Work, [Event]) async throws -> Void
    private let gaps = Mutex<LogGaps?>(nil)
    /// How many events a step takes.
    static let batchLength = 100

    /// - Parameter effect: what comes of an event. It touches nothing but the `Work`; when it throws, none of its step has happened.
    public convenience init(
        _ name: String, of desk: Desk, from start: Start = .beginning, effect: @escaping @Sendable (Work, Event) async throws -> Void
    ) {
        self.init(name, of: desk, from: start) { work, events in
            for event in events { try await effect(work, event) }
        }
    }

    /// - Parameter effects: what comes of a step's events, a hundred at most, which may be fewer statements than one by one.
    public init(
        _ name: String, of desk: Desk, from start: Start = .beginning, effects: @escaping @Sendable (Work, [Event]) async throws -> Void
    ) {
        self.name = name
        self.desk = desk
        self.start = start
        self.effects = effects
    }

    /// Takes the next events, a hundred at most. Says whether to try again at once; if not, then when the bell rings or some time has
    /// passed. One step at a time. It does not wait for another node that is taking them.
    public func step() async throws -> Bool {
        var gaps = try await begun()
        let position = gaps.position
        let isExact = gaps.isDeciding
        let (rows, sight) = try await desk.read { look in try await look.db.rows(after: position, isExact: isExact) }
        let taken = gaps.take(sight, at: desk.outside.now())
        var hasMore = taken == Self.batchLength
        if let gap = gaps.unmarked {
            gaps.mark(gap, try await desk.markOfGap())
            hasMore = true
        }
        if taken > 0 {
            guard let stored = try await handle(Array(rows.prefix(taken)), from: position) else { return false }
            // When another node was here first, its place counts and ours is looked at anew.
            if stored != gaps.position { (gaps, hasMore) = (LogGaps(after: stored), true) }
        }
        let next = gaps
        self.gaps.withLock { $0 = next }
        return hasMore
    }

    /// Milliseconds for which a missing number has held the reader up; 0 when none does.
    public var gapAge: Int {
        let now = desk.outside.now()
        return gaps.withLock { $0?.age(at: now) ?? 0 }
    }

    /// Makes the effects of rows and moves on behind them, unless the reader is not where it was: then nothing. Gives where it is; nil when
    /// another node is making effects now.
    private func handle(_ rows: [LoggedRow], from position: Int) async throws -> Int? {
        let (name, effects) = (name, effects)
        return try await desk.write { work in
            guard let stored = try await work.db.claimCursor(of: name) else {
                guard try await work.db.cursor(of: name) != nil else {
                    throw StorageFault.broken("the reader \(name) of the log has lost its place")
                }
                return nil
            }
            guard stored == position, let last = rows.last?.seq else { return stored }
            try await effects(work, rows.compactMap(\.event))
            try await work.db.run("UPDATE log_readers SET seq = \(last) WHERE name = \(name)")
            return last
        }
    }

    /// How far it has come; a reader that is new is written down.
    private func begun() async throws -> LogGaps {
        if let gaps = gaps.withLock({ $0 }) { return gaps }
        let (name, start) = (name, start)
        if let stored = try await desk.read({ look in try await look.db.cursor(of: name) }) { return LogGaps(after: stored) }
        let stored = try await desk.write { work in
            let first: SQL = start == .end ? "COALESCE((SELECT max(seq) FROM events), 0)" : "0"
            try await work.db.run("INSERT INTO log_readers (name, seq) VALUES (\(name), \(first)) ON CONFLICT DO NOTHING")
            return try await work.db.cursor(of: name) ?? 0
        }
        return LogGaps(after: stored)
    }
}

extension LogReader {
    static func nextRows(after position: Int, _ engine: Engine, isExact: Bool = false) -> SQL {
        """
        SELECT \(.eventColumns)\(engine.oldestRunning(isExact: isExact)) FROM events e \(.eventTicket)
        WHERE e.seq > \(position) ORDER BY e.seq LIMIT 100
        """
    }
}

extension Connection {
    fileprivate func cursor(of reader: String) async throws -> Int? {
        try await first("SELECT seq FROM log_readers WHERE name = \(reader)") { $0.int() }
    }

    /// The same, locked until the end of the transaction; nil as well when another node has locked it.
    func claimCursor(of reader: String) async throws -> Int? {
        try await first("SELECT seq FROM log_readers WHERE name = \(reader)\(engine.claim)") { $0.int() }
    }

    /// The next rows, in one statement with which transactions have ended.
    fileprivate func rows(after position: Int, isExact: Bool) async throws -> ([LoggedRow], LogGaps.Sight) {
        let isShared = engine == .postgres
        var oldest: Int?
        let rows = try await all(LogReader.nextRows(after: position, engine, isExact: isExact)) { row in
            let logged = row.event()
            if isShared { oldest = row.int(at: SQL.eventColumnCount) }
            return logged
        }
        return (try await named(rows), LogGaps.Sight(seqs: rows.map(\.seq), oldest: oldest))
    }
}
