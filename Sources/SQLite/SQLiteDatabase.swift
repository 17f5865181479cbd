public import Loop
public import Storage

/// A database in one file of this machine.
///
/// Reads run at once, on the thread that asks: a look-up by key takes a few microseconds, far less than a way to another thread and
/// back. A read that takes longer than its budget is interrupted, and runs again in a lane for slow questions. Writes run in one lane;
/// those that wait together are committed together, with one flush to the disk for all of them.
public final class SQLiteDatabase: Database {
    public let engine = Engine.sqlite
    private let readers: Readers
    private let writer: Writer
    private let scans: Scans
    private let gate = ScanGate()
    private let file: DatabaseFile
    private let loops: [EventLoop]

    /// How the database is opened.
    public struct Options: Sendable {
        /// How long a read may hold up the loop that it runs on.
        public var readBudget: UInt64 = 2_000_000
        /// How long a scan, or the body of a write, may take.
        public var timeout: UInt64 = 30_000_000_000
        /// How long a write waits for another process to let go of the file.
        public var lockTimeout: UInt64 = 5_000_000_000
        /// How many slow questions are answered at a time.
        public var scanLanes = 2
        /// Whether a write waits until the disk has it. Without this it survives the end of the process, but not a power cut.
        public var isDurable = true
        /// The file is of no use once it is closed, and is removed then.
        public var isTemporary = false
        /// A body that awaits something else than its connection ends a debug build, so that nobody overlooks it; a release refuses
        /// the body and goes on. Tests of the latter turn this off.
        var trapsAtStrays = true

        public init() {}
    }

    /// Opens the file, or makes it, readable by its owner only. Throws `.unavailable` when there is no such folder, or another
    /// process keeps the file to itself.
    /// - Parameter loops: those whose reads of one tick may share a snapshot.
    public init(path: String, loops: [EventLoop] = [], _ options: Options = Options()) throws(StorageFault) {
        let file = DatabaseFile(path: path, options)
        try file.create()
        self.file = file
        self.loops = loops
        let commits = CommitCount()
        let writer = try Writer(file, gate, commits)
        self.writer = writer
        do throws(StorageFault) {
            readers = try Readers(file, loops: loops, commits)
            scans = try Scans(file, gate)
        } catch {
            writer.abandon()
            throw error
        }
    }

    /// An empty database that is gone when it is closed, for tests. It is a file like any other, in memory where the machine has such
    /// a folder: SQLite's own in-memory databases know neither WAL nor readers beside a writer, so they would test something else.
    public static func temporary(loops: [EventLoop] = [], _ options: Options = Options()) throws(StorageFault) -> SQLiteDatabase {
        var options = options
        options.isTemporary = true
        options.isDurable = false
        return try SQLiteDatabase(path: DatabaseFile.temporaryPath(), loops: loops, options)
    }

    public func read<Answer: Sendable>(
        for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        let reader = try readers.own()
        #if DEBUG
            // The task mostly begins here and now, and comes back when the body is done, or awaits what it must not. Mostly is
            // enough to find a mistake in a test; in any build such a read holds no lock, and its late statements are refused.
            let reading = Task.immediate { try await self.read(body, on: self.readers.own(), for: owner) }
            precondition(!reader.link.isInBody, "the body of a read awaited something other than its connection")
            return try await reading.value
        #else
            return try await read(body, on: reader, for: owner)
        #endif
    }

    private func read<Answer: Sendable>(
        _ body: @escaping @Sendable (Connection) async throws -> Answer, on reader: Reader, for owner: ScanOwner
    ) async throws -> Answer {
        let link = reader.link
        reader.snapshot?.open()
        let turn = link.begin()
        let outcome: Result<Answer, any Error>
        do { outcome = .success(try await body(Connection(link))) } catch { outcome = .failure(error) }
        switch link.end(turn) {
        case .sound: return try outcome.get()
        case .stopped: return try await scan(within: nil, for: owner, body)
        case .failed(let fault):
            if case .failure(let error) = outcome { throw error }
            throw fault
        }
    }

    @discardableResult public func write<Answer: Sendable>(
        _ body: @escaping @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        try await withUnsafeThrowingContinuation { continuation in writer.add(Errand(body, continuation)) }
    }

    public func scan<Answer: Sendable>(
        within milliseconds: Int?, for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        let cancellation = Cancellation()
        let deadline = milliseconds.map { MonotonicClock.now &+ UInt64(max(0, $0)) * 1_000_000 }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let errand = Errand(body, continuation, cancellation, until: deadline)
                scans.add(errand, of: owner)
                if let deadline { giveUp(errand, at: deadline) }
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// An errand that still waits then, behind others that take long, is not kept waiting any longer.
    private func giveUp(_ errand: any AnyErrand, at deadline: UInt64) {
        guard let loop = loops.first(where: { $0.isCurrent }) ?? loops.first else { return }
        let (scans, now) = (scans, MonotonicClock.now)
        // Most have long been answered by then, and their answers are not kept for this.
        let look: @Sendable () -> Void = { [weak errand] in
            loop.after(nanoseconds: deadline > now ? deadline - now : 1) { if let errand { scans.giveUp(errand) } }
        }
        if loop.isCurrent { look() } else { loop.submit(look) }
    }

    public var problems: [DatabaseProblem] {
        var problems = file.health.problems()
        if !file.watch.isWhole {
            problems.append(
                DatabaseProblem(
                    .unusable,
                    "The database's file was removed or replaced while the server runs: put the right one there and restart the server"))
        }
        if writer.isFull { problems.append(DatabaseProblem(.unusable, "Too many changes wait for the database")) }
        if scans.isFull { problems.append(DatabaseProblem(.limited, "Too many slow questions wait for the database")) }
        return problems
    }

    public func releaseUnusedMemory() {
        readers.releaseUnusedMemory()
        writer.releaseUnusedMemory()
        scans.releaseUnusedMemory()
    }

    public func forgetErased() async { await writer.emptyLog() }

    public func close() async {
        gate.stop()
        await scans.close()
        readers.close()
        await writer.close()
    }
}
