import Glibc
import Storage
import TestEngines
import Testing

@Suite("Transactions", .timeLimit(.minutes(2))) struct TransactionTests {
    @Test("what a body writes is there when its call returns, for every reader", arguments: TestEngine.all)
    func commit(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let seen = try await database.write { db in
                try await db.run("INSERT INTO thing (id) VALUES (1)")
                return try await db.first("SELECT count(*) FROM thing") { $0.int() }
            }
            #expect(seen == 1)
            let found = try await database.count("SELECT count(*) FROM thing")
            #expect(found == 1)
            let scanned = try await database.scan { db in try await db.first("SELECT count(*) FROM thing") { $0.int() } }
            #expect(scanned == 1)
        }
    }

    @Test("the last statement is kept with what came before it, and nothing comes after it", arguments: TestEngine.all)
    func last(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let told = try await database.write { db in
                try await db.run("INSERT INTO thing (id) VALUES (1)")
                try await db.runLast("INSERT INTO thing (id) VALUES (2)")
                return await fault { try await db.run("INSERT INTO thing (id) VALUES (3)") }
            }
            #expect(told?.isPassing == false)
            try await database.write { db in try await db.runLast("INSERT INTO thing (id) VALUES (4)") }
            let found = try await database.read { db in try await db.all("SELECT id FROM thing ORDER BY id") { $0.int() } }
            #expect(found == [1, 2, 4])
        }
    }

    @Test(
        "what runs soon has run when it is asked for, and at the end; when it fails, nothing is kept and its fault is told",
        arguments: TestEngine.all)
    func soon(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let seen = try await database.write { db in
                try await db.runSoon("INSERT INTO thing (id, number) VALUES (1, 1)")
                try await db.runSoon("UPDATE thing SET number = number + 1 WHERE id = 1")
                let seen = try await db.first("SELECT number FROM thing") { $0.int() }
                try await db.runSoon("INSERT INTO thing (id) VALUES (2)")
                return seen
            }
            #expect(seen == 2)
            try await database.write { db in try await db.runSoon("INSERT INTO thing (id) VALUES (3)") }
            #expect(try await database.count("SELECT count(*) FROM thing") == 3)
            let wrong: [SQL] = [
                "INSERT INTO thing (id) VALUES (1)", "INSERT INTO thing (id, title) VALUES (9, \("a\0b"))",
                "INSERT INTO nowhere VALUES (1)",
            ]
            for wrong in wrong {
                for isLast in [true, false] {
                    let told = await fault {
                        try await database.write { db in
                            try await db.runSoon("INSERT INTO thing (id) VALUES (10)")
                            try await db.runSoon(wrong)
                            try await db.runSoon("INSERT INTO thing (id) VALUES (11)")
                            if isLast { try await db.runLast("INSERT INTO thing (id) VALUES (12)") }
                        }
                    }
                    #expect(
                        told != nil && told?.description.contains("skipped") == false, "\(String(describing: told)) \(wrong.text) \(isLast)"
                    )
                    #expect(told?.isPassing == false)
                }
            }
            #expect(try await database.count("SELECT count(*) FROM thing") == 3)
        }
    }

    @Test("a last statement that fails, or cannot even be sent, leaves nothing behind", arguments: TestEngine.all)
    func failedLast(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let lasts: [SQL] = [
                "INSERT INTO thing (id) VALUES (1)", "INSERT INTO thing (id, title) VALUES (2, \("a\0b"))",
                "INSERT INTO nowhere VALUES (1)",
            ]
            for last in lasts {
                let told = await fault {
                    try await database.write { db in
                        try await db.run("INSERT INTO thing (id) VALUES (1)")
                        try await db.runLast(last)
                    }
                }
                #expect(told != nil)
            }
            #expect(try await database.count("SELECT count(*) FROM thing") == 0)
            try await database.write { db in try await db.run("INSERT INTO thing (id) VALUES (1)") }
            #expect(try await database.count("SELECT count(*) FROM thing") == 1)
        }
    }

    @Test("a body that throws leaves nothing behind, and its error is thrown on", arguments: TestEngine.all)
    func rollback(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            await #expect(throws: Mishap(number: 4)) {
                try await database.write { db in
                    try await db.run("INSERT INTO thing (id) VALUES (1)")
                    throw Mishap(number: 4)
                }
            }
            await #expect(throws: Mishap(number: 5)) { try await database.read { _ in throw Mishap(number: 5) } }
            await #expect(throws: Mishap(number: 6)) { try await database.scan { _ in throw Mishap(number: 6) } }
            let found = try await database.count("SELECT count(*) FROM thing")
            #expect(found == 0)
        }
    }

    @Test("a constraint that refuses a change is named", arguments: TestEngine.all)
    func constraint(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let fault = await #expect(throws: StorageFault.self) {
                try await database.write { db in
                    try await db.run("INSERT INTO thing (id) VALUES (1)")
                    try await db.run("INSERT INTO thing (id, number) VALUES (1001, 1)")
                }
            }
            guard case .constraint(let name) = fault else { throw Mishap() }
            #expect(name.contains("number_is_even"))
            let found = try await database.count("SELECT count(*) FROM thing")
            #expect(found == 0)
        }
    }

    @Test("a statement that fails dooms its transaction, even if the body caught it", arguments: TestEngine.all)
    func doomed(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let fault = await #expect(throws: StorageFault.self) {
                try await database.write { db in
                    try await db.run("INSERT INTO thing (id) VALUES (1)")
                    _ = try? await db.run("INSERT INTO thing (id) VALUES (1)")
                    _ = try? await db.run("INSERT INTO thing (id) VALUES (2)")
                }
            }
            guard case .constraint = fault else { throw Mishap() }
            let other = await #expect(throws: StorageFault.self) {
                try await database.read { db in _ = try? await db.run("SELECT nonsense") }
            }
            guard case .broken = other else { throw Mishap() }
            let found = try await database.count("SELECT count(*) FROM thing")
            #expect(found == 0)
        }
    }

    @Test("foreign keys are kept", arguments: TestEngine.all)
    func foreignKeys(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in
                try await db.run("CREATE TABLE part (id bigint PRIMARY KEY, thing bigint NOT NULL REFERENCES thing (id) ON DELETE CASCADE)")
                try await db.run("INSERT INTO thing (id) VALUES (1)")
                try await db.run("INSERT INTO part (id, thing) VALUES (1, 1)")
            }
            let fault = await #expect(throws: StorageFault.self) {
                try await database.write { db in try await db.run("INSERT INTO part (id, thing) VALUES (2, 7)") }
            }
            guard case .constraint = fault else { throw Mishap() }
            // The rows that go along are not counted.
            #expect(try await database.write { db in try await db.run("DELETE FROM thing") } == 1)
            let found = try await database.count("SELECT count(*) FROM part")
            #expect(found == 0)
        }
    }

    @Test("a connection that was kept beyond its body answers nothing", arguments: TestEngine.all)
    func escape(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let kept = Kept()
            try await database.read { db in kept.connection = db }
            await #expect(throws: StorageFault.self) { try await kept.connection?.run("SELECT 1") }
            try await database.write { db in kept.connection = db }
            try await database.read { db in
                // The reader's turn has changed, and the writer's too.
                let found = try await db.first("SELECT 1") { $0.int() }
                #expect(found == 1)
            }
        }
    }

    @Test("fifty writers who read before they write lose no update", arguments: TestEngine.all)
    func writers(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in try await db.run("INSERT INTO thing (id, number) VALUES (1, 0)") }
            try await atOnce(50) { _ in
                for _ in 0..<10 {
                    try await database.write { db in
                        let number = try await db.first("SELECT number FROM thing WHERE id = 1\(db.engine.lock)") { $0.int() }
                        try await db.run("UPDATE thing SET number = \(number! + 1) WHERE id = 1")
                    }
                }
            }
            let found = try await database.count("SELECT number FROM thing")
            #expect(found == 500)
        }
    }

    @Test("of many writers, those who throw take nobody with them", arguments: TestEngine.all)
    func someThrow(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await atOnce(90) { number in
                do {
                    try await database.write { db in
                        try await db.run("INSERT INTO thing (id) VALUES (\(number))")
                        if number % 3 == 1 { throw Mishap(number: number) }
                        if number % 3 == 2 { try await db.run("INSERT INTO thing (id) VALUES (\(number))") }
                    }
                    #expect(number % 3 == 0)
                } catch let mishap as Mishap {
                    #expect(mishap.number == number)
                } catch let fault as StorageFault {
                    guard case .constraint = fault, number % 3 == 2 else { throw fault }
                }
            }
            let thirds = try await database.count("SELECT count(*) FROM thing WHERE id % 3 = 0")
            #expect(thirds == 30)
            let found = try await database.count("SELECT count(*) FROM thing")
            #expect(found == 30)
        }
    }

    @Test("a reader sees whole transactions only", arguments: TestEngine.all)
    func wholeTransactions(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await atOnce(8) { number in
                for step in 0..<40 {
                    if number < 4 {
                        try await database.write { db in
                            let id = (number * 40 + step) * 2
                            try await db.run("INSERT INTO thing (id) VALUES (\(id))")
                            try await db.run("INSERT INTO thing (id) VALUES (\(id + 1))")
                        }
                    } else if number < 6 {
                        let found = try await database.count("SELECT count(*) FROM thing") % 2
                        #expect(found == 0)
                    } else {
                        let (before, after) = try await database.scan { db in
                            (
                                try await db.first("SELECT count(*) FROM thing") { $0.int() },
                                try await db.first("SELECT count(*) + 0 FROM thing") { $0.int() }
                            )
                        }
                        #expect(before == after)
                    }
                }
            }
            let found = try await database.count("SELECT count(*) FROM thing")
            #expect(found == 320)
        }
    }

    @Test("a read that turns out slow is answered all the same", arguments: TestEngine.all)
    func slowRead(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let found = try await database.count(countTo(400_000))
            #expect(found == 400_000)
        }
    }

    @Test("a scan ends when its caller is cancelled", arguments: TestEngine.all)
    func cancelledScan(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await database.scan { db in try await db.first(countTo(2_000_000_000)) { $0.int() } } }
                    try await Task.sleep(nanoseconds: 50_000_000)
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            let found = try await database.scan { db in try await db.first("SELECT 1") { $0.int() } }
            #expect(found == 1)
        }
    }

    func withThings(on engine: TestEngine, _ body: @escaping @Sendable (any Database) async throws -> Void) async throws {
        try await withDatabase(on: engine) { database in
            try await database.makeThings()
            try await body(database)
        }
    }
}

/// A question that takes as long as one likes.
func countTo(_ bound: Int) -> SQL {
    "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < \(bound)) SELECT count(*) FROM n"
}

/// What a body must not do: keep its connection.
//
// `@unchecked Sendable`: the tests that use it do one thing at a time.
private final class Kept: @unchecked Sendable {
    var connection: Connection?
}
