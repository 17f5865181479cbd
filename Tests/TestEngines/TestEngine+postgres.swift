import Glibc
import Loop
import Postgres
import Storage
import Synchronization

extension TestEngine {
    /// PostgreSQL, when `Scripts/postgres.sh` has started a server for the tests: each test has a schema of its own there.
    public static let postgres: TestEngine? = getenv("MARTLET_TEST_POSTGRES").map { variable in
        let server = String(cString: variable)
        return TestEngine(engine: .postgres) { loop in try await OwnSchema(on: server, loop) }
    }
}

/// A schema that was made for one test, and is dropped once the database is closed.
private final class OwnSchema: Database {
    let engine = Engine.postgres
    private let server: PostgresDatabase
    private let database: PostgresDatabase
    private let blocking: BlockingPool
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
        name = "test_\(getpid())_\(number)"
        blocking = BlockingPool(threads: 1, bound: 16)
        server = PostgresDatabase(try ServerAddress(url), loops: [loop], blocking: blocking, limits: Self.limits)
        database = PostgresDatabase(
            try ServerAddress("\(url)?options=-csearch_path%3D\(name)"), loops: [loop], blocking: blocking, limits: Self.limits)
        let make = "CREATE SCHEMA \(name)"
        try await server.write { db in try await db.script(make) }
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        try await database.read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        try await database.write(body)
    }

    func scan<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        try await database.scan(body)
    }

    func close() async {
        await database.close()
        let drop = "DROP SCHEMA \(name) CASCADE"
        try? await server.write { db in try await db.script(drop) }
        await server.close()
        blocking.stop()
    }
}
