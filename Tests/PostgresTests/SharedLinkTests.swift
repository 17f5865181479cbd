import Loop
import Storage
import Testing

@testable import Postgres

@Suite("Reads that share a link", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)))
struct SharedLinkTests {
    @Test("a thousand reads at once on one link each get their own answer")
    func many() async throws {
        try await withDatabase("shared-many", .oneReadLink) { bench in
            try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 0..<1_000 {
                    group.addTask(executorPreference: bench.loop) { (number, try await bench.number("SELECT \(number) * 2")) }
                }
                for try await (number, answer) in group { #expect(answer == number * 2) }
            }
            #expect(try await bench.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shared-many'") == 1)
        }
    }

    @Test("an error in the middle fails its own query and no other, whether it comes at making, at running, or from a neighbour's making")
    func errors() async throws {
        try await withDatabase("shared-errors", .oneReadLink) { bench in
            _ = try await bench.number("SELECT 1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask(executorPreference: bench.loop) {
                        switch number % 8 {
                        case 3:
                            let fault = await fault { _ = try await bench.number("SELECT 1 / (\(number) - \(number))") }
                            #expect(fault == .broken("22012: division by zero"))
                        case 6:
                            let fault = await fault { _ = try await bench.number("SELECT \(number) FROM no_such_table") }
                            #expect(fault == .broken("42P01: relation \"no_such_table\" does not exist"))
                        default:
                            let next = try await bench.number("SELECT \(number) + 1")
                            #expect(next == number + 1)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a fault that a body swallowed still ends the read")
    func swallowed() async throws {
        try await withDatabase("shared-swallowed") { bench in
            let fault = await fault {
                try await bench.database.read { db in
                    do { _ = try await db.run("SELECT 1 / 0") } catch {}
                }
            }
            #expect(fault == .broken("22012: division by zero"))
        }
    }

    @Test("a read that is slow is moved to a link of its own, and the quick ones go on")
    func slow() async throws {
        try await withDatabase("shared-slow", .with { ($0.readLinks, $0.readTime) = (1, 100) }) { bench in
            async let slow = bench.number("SELECT 7 FROM pg_sleep(0.4)")
            async let quick = bench.number("SELECT 8")
            let answers = try await [quick, slow]
            #expect(answers == [8, 7])
        }
    }

    @Test("a read that would change something is refused, and changes nothing")
    func readOnly() async throws {
        try await withDatabase("shared-readonly") { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_readonly", "CREATE TABLE t_readonly (a bigint)")
            let insert: @Sendable (Connection) async throws -> Void = { db in _ = try await db.run("INSERT INTO t_readonly VALUES (1)") }
            #expect(await fault { try await bench.database.read(insert) } == .broken("a body that only reads tried to change something"))
            #expect(await fault { try await bench.database.scan(insert) } == .broken("a body that only reads tried to change something"))
            #expect(try await bench.number("SELECT count(*) FROM t_readonly") == 0)
        }
    }

    @Test("a statement whose table has changed is made anew, in a read and in a transaction")
    func changedTable() async throws {
        try await withDatabase("shared-ddl", .with { ($0.readLinks, $0.writeLinks) = (1, 1) }) { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_ddl", "CREATE TABLE t_ddl (a bigint)", "INSERT INTO t_ddl VALUES (5)")
            let database = bench.database
            let kind: @Sendable (Connection) async throws -> Bool? = { db in
                try await db.first("SELECT a FROM t_ddl") { row in
                    // Not a failure of the row: which of the two it is, is the question.
                    row.withText { _ in }
                    return true
                }
            }
            let asInt: @Sendable (Connection) async throws -> Int? = { db in try await db.first("SELECT a FROM t_ddl") { $0.int() } }
            #expect(try await database.read(asInt) == 5)
            #expect(try await database.write(asInt) == 5)
            _ = await fault { _ = try await database.read(kind) }
            _ = await fault { _ = try await database.write(kind) }
            try await bench.prepare("ALTER TABLE t_ddl ALTER COLUMN a TYPE text")
            #expect(try await database.read(kind) == true)
            #expect(try await database.write(kind) == true)
        }
    }

    @Test("statements that the server has forgotten are made anew")
    func deallocated() async throws {
        try await withDatabase("shared-deallocated", .oneReadLink) { bench in
            let ask: @Sendable () async throws -> Int = { try await bench.number("SELECT \(3) + 4") }
            #expect(try await ask() == 7)
            try await bench.database.read { db in _ = try await db.run("DEALLOCATE ALL") }
            #expect(try await ask() == 7)
            #expect(try await ask() == 7)
        }
    }

    @Test("a session keeps a bounded number of statements")
    func bounded() async throws {
        try await withDatabase("shared-bounded", .oneReadLink) { bench in
            for count in 1...600 {
                let numbers = (1...count).map { SQL("\($0)") }.joined(by: ", ")
                #expect(try await bench.number("SELECT count(*) FROM generate_series(1, 1000) AS n WHERE n IN (\(numbers))") == count)
            }
            let kept = try await bench.number("SELECT count(*) FROM pg_prepared_statements")
            #expect((200...257).contains(kept))
        }
    }

    @Test("callers on other threads are served too")
    func elsewhere() async throws {
        try await withDatabase("shared-elsewhere") { bench in
            let elsewhere = try EventLoop()
            let thread = elsewhere.start(named: "elsewhere")
            let sum = await Task(executorPreference: elsewhere) {
                var sum = 0
                for number in 0..<50 { sum += (try? await bench.number("SELECT \(number)")) ?? -1_000 }
                try? await bench.prepare("SELECT 1")
                return sum
            }.value
            elsewhere.stop()
            thread.join()
            #expect(sum == 1_225)
        }
    }
}
