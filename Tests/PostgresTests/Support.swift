import Glibc
import Loop
import Storage
import Testing

@testable import Postgres

/// The server that `Scripts/postgres.sh` started for the tests.
enum TestServer {
    static let url = getenv("MARTLET_TEST_POSTGRES").map { String(cString: $0) }
    static let isThere = url != nil
    static let absence: Comment = "MARTLET_TEST_POSTGRES is not set: Scripts/postgres.sh starts a server and prints its URL"
}

/// What a test works with: a database, and the loop that the test runs on.
struct Bench: Sendable {
    let database: PostgresDatabase
    let loop: EventLoop

    func sleep(milliseconds: UInt64) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            loop.submit { [loop] in loop.after(nanoseconds: milliseconds * 1_000_000) { continuation.resume() } }
        }
    }

    /// Runs the statements in one transaction.
    func prepare(_ statements: SQL...) async throws {
        try await database.write { db in for statement in statements { try await db.run(statement) } }
    }

    /// Waits inside a transaction until `count` have come as far.
    func meet(at turns: Locked<Int>, _ count: Int, _ db: Connection) async throws {
        while turns.withLock({ $0 }) < count {
            try Task.checkCancellation()
            try await db.run("SELECT 1 FROM pg_sleep(0.01)")
        }
    }

    /// One number from one statement.
    func number(_ sql: SQL) async throws -> Int {
        let number = try await database.read { db in try await db.first(sql) { $0.int() } }
        return try #require(number)
    }
}

/// Runs `body` on a loop of its own with a database on the test server.
///
/// - Parameters:
///   - name: of our sessions, by which the test finds them in the server.
///   - url: another server's.
func withDatabase(
    _ name: String, _ limits: PostgresLimits = .with { _ in }, url: String? = nil, settings: String = "",
    _ body: @escaping @Sendable (Bench) async throws -> Void
) async throws {
    let url = try #require(url ?? TestServer.url) + "?application_name=\(name)" + settings
    let loop = try EventLoop()
    let thread = loop.start(named: "test-loop")
    let blocking = BlockingPool(threads: 2, bound: 16)
    defer {
        loop.stop()
        thread.join()
        blocking.stop()
    }
    let database = PostgresDatabase(try ServerAddress(url), loops: [loop], blocking: blocking, limits: limits)
    let test = Task(executorPreference: loop) { () -> Result<Void, any Error> in
        do {
            try await body(Bench(database: database, loop: loop))
            await database.close()
            return .success(())
        } catch {
            await database.close()
            return .failure(error)
        }
    }
    // The time limit cancels.
    let result = await withTaskCancellationHandler {
        await test.value
    } onCancel: {
        test.cancel()
    }
    try result.get()
}

/// The fault that `body` ends with.
func fault(_ body: () async throws -> Void) async -> StorageFault? {
    do {
        try await body()
        return nil
    } catch let fault as StorageFault {
        return fault
    } catch {
        return nil
    }
}

struct Mishap: Error {}

extension PostgresLimits {
    /// Changed by `change`. Patient with a server on which all tests connect at once.
    static func with(_ change: (inout PostgresLimits) -> Void) -> PostgresLimits {
        var limits = PostgresLimits()
        (limits.connectTime, limits.wait, limits.readTime) = (30_000, 60_000, 30_000)
        change(&limits)
        return limits
    }

    static let oneReadLink = PostgresLimits.with { $0.readLinks = 1 }
}
