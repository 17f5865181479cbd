import Loop
import Storage
import Testing

@testable import Postgres

@Suite("Transactions on PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)))
struct TransactionTests {
    @Test("what is written is there when the call returns, and not before")
    func commit() async throws {
        try await withDatabase("tx-commit") { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_commit", "CREATE TABLE t_commit (a bigint)")
            let seen = try await bench.database.write { db in
                try await db.run("INSERT INTO t_commit VALUES (\(1)), (\(2))")
                // Against the rule that only `db` is awaited: here it is the question itself.
                return try await bench.number("SELECT count(*) FROM t_commit")
            }
            #expect(seen == 0)
            #expect(try await bench.number("SELECT count(*) FROM t_commit") == 2)
        }
    }

    @Test("a body that throws leaves nothing, and its error comes through")
    func throwing() async throws {
        try await withDatabase("tx-throw", .with { $0.writeLinks = 1 }) { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_throw", "CREATE TABLE t_throw (a bigint)")
            await #expect(throws: Mishap.self) {
                try await bench.database.write { db in
                    try await db.run("INSERT INTO t_throw VALUES (1)")
                    throw Mishap()
                }
            }
            // The same link, right behind the ROLLBACK.
            try await bench.prepare("INSERT INTO t_throw VALUES (2)")
            #expect(try await bench.number("SELECT a FROM t_throw") == 2)
        }
    }

    @Test("a statement that failed dooms its transaction, though the body went on")
    func doomed() async throws {
        try await withDatabase("tx-doomed") { bench in
            try await bench.prepare(
                "DROP TABLE IF EXISTS t_doomed", "CREATE TABLE t_doomed (a bigint CONSTRAINT one_of_each UNIQUE)",
                "INSERT INTO t_doomed VALUES (1)")
            let fault = await fault {
                try await bench.database.write { db in
                    try await db.run("INSERT INTO t_doomed VALUES (7)")
                    do { try await db.run("INSERT INTO t_doomed VALUES (1)") } catch {}
                }
            }
            #expect(fault == .constraint("one_of_each"))
            #expect(try await bench.number("SELECT count(*) FROM t_doomed") == 1)
        }
    }

    @Test("a connection is no good after its transaction")
    func kept() async throws {
        try await withDatabase("tx-kept") { bench in
            let keptOne = Locked<Connection?>(nil)
            for run in [bench.database.write, bench.database.read, bench.database.scan]
                as [@Sendable (@escaping @Sendable (Connection) async throws -> Void) async throws -> Void]
            {
                try await run { db in
                    try await db.run("SELECT 1")
                    keptOne.withLock { [db] in $0 = db }
                }
                let connection = try #require(keptOne.withLock { $0 })
                let fault = await fault { try await connection.run("SELECT 1") }
                #expect(fault == .broken("a connection was used after its transaction"))
            }
        }
    }

    @Test("fifty writers on one counter lose nothing")
    func counter() async throws {
        try await withDatabase("tx-counter") { bench in
            try await bench.prepare(
                "DROP TABLE IF EXISTS t_counter", "CREATE TABLE t_counter (n bigint)", "INSERT INTO t_counter VALUES (0)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask(executorPreference: bench.loop) {
                        try await bench.database.write { db in
                            let count = try await db.first("SELECT n FROM t_counter\(db.engine.lock)") { $0.int() }
                            try await db.run("UPDATE t_counter SET n = \(try #require(count) + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await bench.number("SELECT n FROM t_counter") == 50)
        }
    }

    @Test("a body that met a serialization failure runs again, and the sum is right")
    func serialization() async throws {
        try await withDatabase("tx-serial") { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_serial", "CREATE TABLE t_serial (n bigint)", "INSERT INTO t_serial VALUES (0)")
            let turns = Locked(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask(executorPreference: bench.loop) {
                        try await bench.database.write { db in
                            let isFirst = turns.withLock { turns in
                                turns += 1
                                return turns <= 3
                            }
                            try await db.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                            let count = try await db.first("SELECT n FROM t_serial") { $0.int() }
                            if isFirst { try await bench.meet(at: turns, 3, db) }
                            try await db.run("UPDATE t_serial SET n = \(try #require(count) + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await bench.number("SELECT n FROM t_serial") == 3)
            #expect(turns.withLock { $0 } > 3)
        }
    }

    @Test("of two that wait for each other one runs again, and both are done")
    func deadlock() async throws {
        try await withDatabase("tx-deadlock") { bench in
            try await bench.prepare(
                "DROP TABLE IF EXISTS t_deadlock", "CREATE TABLE t_deadlock (k bigint, n bigint)",
                "INSERT INTO t_deadlock VALUES (1, 0), (2, 0)")
            let turns = Locked(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask(executorPreference: bench.loop) {
                        try await bench.database.write { db in
                            try await db.run("UPDATE t_deadlock SET n = n + 1 WHERE k = \(order[0])")
                            let isFirst = turns.withLock { turns in
                                turns += 1
                                return turns <= 2
                            }
                            if isFirst { try await bench.meet(at: turns, 2, db) }
                            try await db.run("UPDATE t_deadlock SET n = n + 1 WHERE k = \(order[1])")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await bench.number("SELECT CAST(sum(n) AS bigint) FROM t_deadlock") == 4)
            #expect(turns.withLock { $0 } > 2)
        }
    }

    @Test("a row that stays locked is told as that, and a statement that never ends as a time-out")
    func timeouts() async throws {
        try await withDatabase("tx-timeouts", .with { ($0.lockTime, $0.writeTime, $0.scanTime) = (100, 300, 200) }) { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_locked", "CREATE TABLE t_locked (n bigint)", "INSERT INTO t_locked VALUES (0)")
            try await bench.database.write { db in
                try await db.run("UPDATE t_locked SET n = 1")
                let second = await fault { try await bench.prepare("UPDATE t_locked SET n = 2") }
                #expect(second == .locked)
            }
            #expect(await fault { try await bench.prepare("SELECT 1 FROM pg_sleep(5)") } == .timeout)
            let scan = await fault { try await bench.database.scan { db in _ = try await db.run("SELECT 1 FROM pg_sleep(5)") } }
            #expect(scan == .timeout)
        }
    }

    @Test("when every link stays taken, who waits is told so")
    func exhausted() async throws {
        try await withDatabase("tx-exhausted", .with { ($0.writeLinks, $0.wait, $0.waiting) = (1, 1_000, 1) }) { bench in
            // Until there is a link: on a machine with much to do, the first may be waited for in vain.
            while await fault({ try await bench.prepare("SELECT 1") }) != nil { try Task.checkCancellation() }
            try await bench.database.write { db in
                try await db.run("SELECT 1")
                async let first = fault { try await bench.prepare("SELECT 1") }
                await bench.sleep(milliseconds: 20)
                let second = await fault { try await bench.prepare("SELECT 1") }
                #expect(second == .busy("too many callers wait for a connection"))
                #expect(await first == .busy("every connection stayed taken"))
            }
            try await bench.prepare("SELECT 1")
        }
    }

    @Test("a script runs whole, inside its transaction")
    func script() async throws {
        try await withDatabase("tx-script") { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_script, t_script_two")
            let text = "CREATE TABLE t_script (a bigint); INSERT INTO t_script VALUES (1); CREATE TABLE t_script_two (b text);"
            let fault = await fault {
                try await bench.database.write { db in try await db.script(text + " SELECT 1 / 0;") }
            }
            #expect(fault == .broken("22012: division by zero"))
            #expect(try await bench.number("SELECT count(*) FROM pg_tables WHERE tablename IN ('t_script', 't_script_two')") == 0)
            try await bench.database.write { db in
                try await db.script(text)
                try await db.run("INSERT INTO t_script VALUES (\(2))")
                try await db.script("INSERT INTO t_script VALUES (3)")
            }
            #expect(try await bench.number("SELECT count(*) FROM t_script") == 3)
        }
    }

    @Test("all statements of a scan see one moment")
    func moment() async throws {
        try await withDatabase("tx-moment") { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_moment", "CREATE TABLE t_moment (a bigint)")
            let counts = try await bench.database.scan { db in
                let before = try await db.first("SELECT count(*) FROM t_moment") { $0.int() }
                try await bench.prepare("INSERT INTO t_moment VALUES (1)")
                return [before, try await db.first("SELECT count(*) FROM t_moment") { $0.int() }]
            }
            #expect(counts == [0, 0])
            #expect(try await bench.number("SELECT count(*) FROM t_moment") == 1)
        }
    }

    @Test("what was begun before the end is finished, and what comes after it is refused")
    func closing() async throws {
        try await withDatabase("tx-closing") { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_closing", "CREATE TABLE t_closing (a bigint)")
            let write = Task(executorPreference: bench.loop) {
                try await bench.database.write { db in
                    try await db.run("SELECT 1 FROM pg_sleep(0.2)")
                    try await db.run("INSERT INTO t_closing VALUES (1)")
                }
            }
            await bench.sleep(milliseconds: 50)
            await bench.database.close()
            try await write.value
            #expect(await fault { _ = try await bench.number("SELECT 1") } == .unavailable("the database was closed"))
            #expect(await fault { try await bench.prepare("SELECT 1") } == .unavailable("the database was closed"))
        }
    }
}
