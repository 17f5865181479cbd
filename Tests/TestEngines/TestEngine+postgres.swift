import Glibc
import Loop
import Postgres
public import Storage
import Synchronization

/// A database that several nodes may share, each over links of its own.
public protocol SharedDatabase: Database {
    /// The same database as another node has it; closed by whoever opened it.
    func anotherNode() throws -> any Database
}

extension TestEngine {
    /// PostgreSQL, when `Scripts/postgres.sh` has started a server for the tests: each test has a schema of its own there.
    public static let postgres: TestEngine? = getenv("MARTLET_TEST_POSTGRES").map { variable in
        let server = String(cString: variable)
        return TestEngine(engine: .postgres) { loop in try await OwnSchema(on: server, loop) }
    }
}

/// A schema that was made for one test, and is dropped once the database is closed.
private final class OwnSchema: SharedDatabase {
    let engine = Engine.postgres
    private let server: PostgresDatabase
    private let database: PostgresDatabase
    private let blocking: BlockingPool
    private let loop: EventLoop
    private let address: String
    private let name: String

    private static let made = Atomic<Int>(0)

    /// Wide, since all tests run at once, and under a sanitizer.
    private static var limits: PostgresLimits {
        var limits = PostgresLimits()
        (limits.connectTime, limits.wait, limits.writeTime, limits.lockTime) = (30_000, 60_000, 60_000, 60_000)
        return limits
    }

    init(on url: String, _ loop: EventLoop) async throws {
        let number = Self.made.add(1, ordering: .relaxed).newValue
        self.loop = loop
        name = "test_\(getpid())_\(number)"
        blocking = BlockingPool(threads: 1, bound: 16)
        server = PostgresDatabase(try ServerAddress(url), loops: [loop], blocking: blocking, limits: Self.limits)
        address = "\(url)?options=-csearch_path%3D\(name)"
        database = PostgresDatabase(try ServerAddress(address), loops: [loop], blocking: blocking, limits: Self.limits)
        let make = "CREATE SCHEMA \(name)"
        try await server.write { db in try await db.script(make) }
    }

    func anotherNode() throws -> any Database {
        PostgresDatabase(try ServerAddress(address), loops: [loop], blocking: blocking, limits: Self.limits)
    }

    func read<Result: Sendable>(
        for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await database.read(for: owner, body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        try await database.write(body)
    }

    func scan<Result: Sendable>(
        within milliseconds: Int?, for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await database.scan(within: milliseconds, for: owner, body)
    }

    func close() async {
        await database.close()
        let drop = "DROP SCHEMA \(name) CASCADE"
        try? await server.write { db in try await db.script(drop) }
        await server.close()
        blocking.stop()
    }
}
