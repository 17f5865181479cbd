public import Loop
public import Storage

/// A PostgreSQL database: pipelined links on every loop, at the address that a URL names.
///
/// Nothing is connected before it is needed, and nothing has to be restarted after the server was gone: while it is, calls throw
/// `.unavailable` at once. A change whose link is lost while it is made throws `.unavailable` too, also when `COMMIT` was out
/// already: whether it was made is then not known.
public final class PostgresDatabase: Database {
    public let engine = Engine.postgres
    private let homes: [Home]
    private let blocking: BlockingPool
    /// What the statements have found out.
    private let health = DatabaseHealth()

    /// How often a body runs again because transactions stood in each other's way.
    private static let reruns = 8

    /// - Parameters:
    ///   - loops: those on which callers live, at least one; a caller from elsewhere is served by the first.
    ///   - blocking: for names that must be looked up and queries that must be stopped.
    public init(_ address: ServerAddress, loops: [EventLoop], blocking: BlockingPool, limits: PostgresLimits = PostgresLimits()) {
        precondition(!loops.isEmpty, "a database needs a loop")
        let lookUp = NameLookUp(address, on: blocking)
        homes = loops.map { Home(on: $0, to: address, lookUp, limits) }
        self.blocking = blocking
    }

    private var home: Home { homes.first { $0.loop.isCurrent } ?? homes[0] }

    /// Connects what slow questions are asked over: later clients may have taken all descriptors. What cannot be connected now is made when
    /// it is needed.
    public func openScanLinks() {
        for home in homes { home.loop.submit { home.scanners.fill() } }
    }

    public func read<Result: Sendable>(
        for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        let home = home
        let read = SharedRead(home.shared)
        do {
            let result = try await body(Connection(read))
            read.end()
            if let fault = read.fault { throw fault }
            return result
        } catch {
            read.end()
            guard read.wasSlow else { throw noted(error) }
            return try await scan(within: nil, for: owner, body)
        }
    }

    public func write<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        let home = home
        let result = try await transact(.change, on: home.writers, of: home, body)
        health.noteCommit()
        return result
    }

    public func scan<Result: Sendable>(
        within milliseconds: Int?, for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        let home = home
        let deadline = milliseconds.map { MonotonicClock.now &+ UInt64(max(0, $0)) * 1_000_000 }
        return try await transact(.survey, for: owner, until: deadline, on: home.scanners, of: home, body)
    }

    public func close() async {
        for home in homes {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                home.loop.submit { home.close { continuation.resume() } }
            }
        }
    }

    /// Runs a body in a transaction, again if need be.
    private func transact<Result: Sendable>(
        _ kind: Transaction.Kind, for owner: ScanOwner = .server, until deadline: UInt64? = nil, on pool: LinkPool, of home: Home,
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        var attempt = 0
        while true {
            if kind == .survey { try Task.checkCancellation() }
            let link = try await pool.take(for: owner, until: deadline)
            let stop = kind == .survey ? ScanStop(link, blocking) : nil
            let transaction = Transaction(kind, until: deadline, on: link, stop)
            do {
                let result = try await Self.run(body, in: transaction, stop)
                pool.giveBack(link, isClean: stop?.end() ?? true)
                return result
            } catch {
                let isClean = stop?.end() ?? true
                pool.giveBack(link, isClean: isClean)
                if !isClean { throw CancellationError() }
                attempt += 1
                guard transaction.mustRerun, attempt <= Self.reruns else { throw noted(error) }
            }
            await home.pause(before: attempt)
        }
    }

    /// The same error, once what it tells of the database is kept.
    private func noted(_ error: any Error) -> any Error {
        if let fault = error as? StorageFault { health.note(fault) }
        return error
    }

    public var problems: [DatabaseProblem] {
        var problems = health.problems()
        if homes.contains(where: \.writers.isFull) { problems.append(DatabaseProblem(.unusable, "Too many changes wait for the database")) }
        if homes.contains(where: \.scanners.isFull) {
            problems.append(DatabaseProblem(.limited, "Too many slow questions wait for the database"))
        }
        return problems
    }

    private static func run<Result: Sendable>(
        _ body: @Sendable (Connection) async throws -> Result, in transaction: Transaction, _ stop: ScanStop?
    ) async throws -> Result {
        let result: Result
        do {
            if let stop {
                result = try await withTaskCancellationHandler {
                    try await body(Connection(transaction))
                } onCancel: {
                    stop.cancel()
                }
            } else {
                result = try await body(Connection(transaction))
            }
        } catch {
            transaction.rollBack()
            throw error
        }
        try await transaction.commit()
        return result
    }
}
