internal import CSQLite
internal import Glibc
internal import Loop
internal import Storage
internal import Synchronization

/// One connection to the file, used by one thread at a time. Between `begin` and `end` a body has it.
///
/// Nothing here suspends, although `query` is `async`: a body that awaits only its connection runs through in one go.
final class SQLiteLink: Link {
    let engine = Engine.sqlite
    private(set) var turn: UInt64 = 1
    private(set) var isInBody = false
    /// The first statement of the body that failed: its transaction is doomed.
    private(set) var fault: StorageFault?
    /// The body was interrupted, or met a lock for which it must not wait here.
    private var isStopped = false
    /// The body has asked the last that it will.
    private var isFinished = false
    private let handle: OpaquePointer
    private let usualBudget: UInt64
    private let lockPatience: Int32
    private let health: DatabaseHealth
    private(set) var statements = StatementCache(bound: 256)
    private var words: [Word: Statement] = [:]
    private var lateOnes: [SQL] = []
    private var lateKeys: Set<SQL.Key> = []
    /// How long the write-ahead log was after the last commit.
    private(set) var logPages = 0
    private var startedAt: UInt64 = 0
    private var turnAtRelease: UInt64 = 0
    /// Bodies between two questions for memory, some seconds apart, that make it worth keeping.
    private static let fewTurns: UInt64 = 3_000
    private var cancellation: Cancellation?
    /// When the body must have ended, whatever it has left of its budget.
    private var deadline: UInt64?
    /// The thread that began the turn. A body that strayed may ask from another, and must find that out without a race.
    private let thread = Atomic<UInt>(0)

    init(_ file: DatabaseFile, _ role: DatabaseFile.Role) throws(StorageFault) {
        handle = try file.connect(role)
        lockPatience = file.lockPatience(role)
        health = file.health
        usualBudget = role == .reader ? file.options.readBudget : file.options.timeout
        // Called so rarely that it costs nothing, and so often that a budget is kept to a fraction of a millisecond.
        sqlite3_progress_handler(
            handle, 1_000, { Unmanaged<SQLiteLink>.fromOpaque($0!).takeUnretainedValue().mustStop() ? 1 : 0 },
            Unmanaged.passUnretained(self).toOpaque())
        guard role == .writer else { return }
        // Takes the place of SQLite's own check-points: see `LogBound`.
        sqlite3_wal_hook(
            handle,
            { link, _, _, pages in
                Unmanaged<SQLiteLink>.fromOpaque(link!).takeUnretainedValue().logPages = Int(pages)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        statements.removeAll()
        words = [:]
        sqlite3_close(handle)
    }

    // MARK: - A body's turn

    enum Ending {
        case sound
        case stopped
        case failed(StorageFault)
    }

    /// Gives the link to a body. One that still has it has awaited something else: its turn is over, and it will be told.
    func begin(_ cancellation: Cancellation? = nil, until deadline: UInt64? = nil) -> UInt64 {
        if isInBody { abandon() }
        isInBody = true
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        fault = nil
        isStopped = false
        isFinished = false
        startedAt = 0
        self.deadline = deadline
        self.cancellation = cancellation
        return turn
    }

    /// Takes the link back, and says whether what the body returned may be believed.
    func end(_ turn: UInt64) -> Ending {
        guard isMine(turn) else { return .failed(Self.late) }
        turnOver()
        if isStopped { return .stopped }
        if let fault { return .failed(fault) }
        return .sound
    }

    /// Takes the link from a body that has not come to its end.
    func abandon() {
        turnOver()
        fault = nil
    }

    private func turnOver() {
        isInBody = false
        cancellation = nil
        turn &+= 1
    }

    private func isMine(_ turn: UInt64) -> Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self()) && turn == self.turn
    }

    /// Moves all of the log into the main file and leaves the log empty, if the reads that are under way end within a moment.
    func truncateLog() {
        sqlite3_busy_timeout(handle, 100)
        defer { sqlite3_busy_timeout(handle, lockPatience) }
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    }

    // MARK: - Memory

    /// Lets go of the pages it keeps, if few bodies have come since this was last asked: the system has the same pages at hand.
    func releaseUnusedMemory() {
        defer { turnAtRelease = turn }
        guard !isInBody, turn &- turnAtRelease < Self.fewTurns else { return }
        sqlite3_db_release_memory(handle)
    }

    private static let late = StorageFault.broken("a body awaited something other than its connection")

    /// Asked by SQLite in the midst of a statement.
    private func mustStop() -> Bool {
        if let cancellation, cancellation.isCancelled { return true }
        guard isInBody else { return false }
        let now = MonotonicClock.now
        if startedAt == 0 {
            startedAt = now
            return false
        }
        return now &- startedAt > usualBudget || deadline.map { now > $0 } == true
    }

    // MARK: - Statements

    func query(
        _ sql: SQL, turn: UInt64, wants: Wanted, _ each: (inout Row) throws(StorageFault) -> Void
    ) async throws(StorageFault) -> Int {
        guard isMine(turn) else { throw Self.late }
        if let fault { throw fault }
        if isFinished { throw .broken("a statement came after the last one") }
        do throws(StorageFault) {
            // SQLite itself asks only in the midst of longer statements.
            if let deadline, deadline <= MonotonicClock.now { throw .timeout }
            try sql.checkParameterCount()
            let statement = try statements.statement(for: sql, on: handle)
            defer { statement.reset() }
            try statement.bind(sql.values, of: handle)
            return try step(statement, wants, each)
        } catch {
            health.note(error)
            fault = error
            throw error
        }
    }

    /// Runs a statement through. A change goes on after the last row that is wanted; a question does not.
    private func step(
        _ statement: Statement, _ wants: Wanted, _ each: (inout Row) throws(StorageFault) -> Void
    ) throws(StorageFault) -> Int {
        let before = sqlite3_total_changes64(handle)
        var isWanted = wants != .none
        while true {
            let code = sqlite3_step(statement.handle)
            if code == SQLITE_DONE { break }
            guard code == SQLITE_ROW else { throw stepFault(code) }
            if isWanted {
                var row = Row(statement)
                try each(&row)
                if let fault = statement.takeFault() { throw fault }
                if wants == .first { isWanted = false }
            }
            if !isWanted && statement.isReadOnly { break }
        }
        // After a statement that changes no rows, such as CREATE TABLE, SQLite still tells what the one before it changed.
        return sqlite3_total_changes64(handle) == before ? 0 : Int(sqlite3_changes64(handle))
    }

    private func stepFault(_ code: Int32) -> StorageFault {
        let isLocked = code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED
        if code & 0xFF == SQLITE_INTERRUPT || isLocked { isStopped = true }
        return StorageFault(code, handle)
    }

    func runSoon(_ sql: SQL, turn: UInt64) async throws(StorageFault) { _ = try await query(sql, turn: turn, wants: .none) { _ in } }

    func runLate(_ sql: SQL, turn: UInt64) async throws(StorageFault) {
        guard isMine(turn) else { throw Self.late }
        if let fault { throw fault }
        if lateKeys.insert(sql.key).inserted { lateOnes.append(sql) }
    }

    /// Runs what bodies left for the end of their common transaction. Nothing is left afterwards, whatever comes of it.
    func runLateOnes() throws(StorageFault) {
        let statements = takeLateOnes()
        do throws(StorageFault) {
            for sql in statements {
                let statement = try self.statements.statement(for: sql, on: handle)
                defer { statement.reset() }
                try statement.bind(sql.values, of: handle)
                _ = try step(statement, .none) { _ in }
            }
        } catch {
            health.note(error)
            throw error
        }
    }

    @discardableResult func takeLateOnes() -> [SQL] {
        defer { (lateOnes, lateKeys) = ([], []) }
        return lateOnes
    }

    func runLast(_ sql: SQL, turn: UInt64) async throws(StorageFault) {
        _ = try await query(sql, turn: turn, wants: .none) { _ in }
        isFinished = true
    }

    func script(_ text: String, turn: UInt64) async throws(StorageFault) {
        guard isMine(turn) else { throw Self.late }
        if let fault { throw fault }
        let code = sqlite3_exec(handle, text, nil, nil, nil)
        guard code != SQLITE_OK else { return }
        let fault = stepFault(code)
        health.note(fault)
        self.fault = fault
        throw fault
    }

    // MARK: - Transactions

    enum Word: String {
        case begin = "BEGIN"
        case beginImmediate = "BEGIN IMMEDIATE"
        case commit = "COMMIT"
        case rollback = "ROLLBACK"
        case savepoint = "SAVEPOINT body"
        case release = "RELEASE body"
        case rollbackToSavepoint = "ROLLBACK TO body"
    }

    /// False when SQLite has ended the transaction by itself, as it does when the disk is full or cannot be read.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    func say(_ word: Word) throws(StorageFault) {
        let statement: Statement
        if let known = words[word] {
            statement = known
        } else {
            statement = try Statement(word.rawValue, on: handle)
            words[word] = statement
        }
        defer { sqlite3_reset(statement.handle) }
        let code = sqlite3_step(statement.handle)
        guard code != SQLITE_DONE else { return }
        let fault = StorageFault(code, handle)
        health.note(fault)
        throw fault
    }

    /// Forgets what the transaction did, if there still is one.
    func rollBack() {
        guard isInTransaction else { return }
        // A ROLLBACK that fails has rolled back: SQLite's manual promises as much.
        try? say(.rollback)
    }

    /// Moves what it can of the log into the main file. Whether that was all of it.
    ///
    /// - Parameter patience: milliseconds to wait for reads that are under way; then the log begins anew with the next change.
    func checkpoint(patience: Int32 = 0) -> Bool {
        if patience > 0 { sqlite3_busy_timeout(handle, patience) }
        defer { if patience > 0 { sqlite3_busy_timeout(handle, lockPatience) } }
        var (all, moved): (Int32, Int32) = (0, 0)
        let mode = patience > 0 ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE
        return sqlite3_wal_checkpoint_v2(handle, nil, mode, &all, &moved) == SQLITE_OK && all == moved
    }
}
