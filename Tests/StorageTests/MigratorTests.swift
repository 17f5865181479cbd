import Storage
import TestEngines
import Testing

@Suite("Migrator", .timeLimit(.minutes(1))) struct MigratorTests {
    static let first = Migration(
        "m001_people", "CREATE TABLE person (id {identity}, name text NOT NULL); CREATE INDEX person_name ON person (name);")
    static let second = Migration("m002_ada", "INSERT INTO person (name) VALUES ('Ada')")
    static let third = Migration(
        "m003_tail", sqlite: "ALTER TABLE person ADD COLUMN tail bigint", postgres: "ALTER TABLE person ADD tail bigint")

    @Test("what is missing is applied in order, once", arguments: TestEngine.all)
    func order(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let short = Migrator([Self.first, Self.second], on: database)
            #expect(try await short.run { 5 } == ["m001_people", "m002_ada"])
            #expect(try await short.run { 6 } == [])
            let long = Migrator([Self.first, Self.second, Self.third], on: database)
            #expect(try await long.run { 7 } == ["m003_tail"])
            let people = try await database.read { db in
                try await db.all("SELECT id, name, tail FROM person") { ($0.int(), $0.text(), $0.optionalInt()) }
            }
            #expect(people.count == 1)
            #expect(people.first?.0 == 1)
            #expect(people.first?.1 == "Ada")
        }
    }

    @Test("the status tells what was applied and when, and changes nothing", arguments: TestEngine.all)
    func status(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let both = Migrator([Self.first, Self.second], on: database)
            #expect(try await both.status().map(\.appliedAt) == [nil, nil])
            _ = try await Migrator([Self.first], on: database).run { 5 }
            #expect(try await both.status().map(\.name) == ["m001_people", "m002_ada"])
            #expect(try await both.status().map(\.appliedAt) == [5, nil])
            _ = try await both.run { 9 }
            #expect(try await both.status().map(\.appliedAt) == [5, 9])
        }
    }

    @Test("a database of the next release is good enough, where its steps only add", arguments: TestEngine.all)
    func expanded(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let third = Migration("m003_other", "CREATE TABLE other (id bigint)")
            _ = try await Migrator([Self.first, Self.second, third], on: database).run { 5 }
            let old = Migrator([Self.first, Self.second], on: database)
            #expect(try await old.run { 6 } == [])
            #expect(try await old.status().map(\.name) == ["m001_people", "m002_ada"])
            let older = Migrator([Self.first, Migration("m001_zzz", "SELECT 1")], on: database)
            await #expect(throws: MigrationFault.databaseIsNewer("m002_ada")) { try await older.run { 6 } }
        }
    }

    @Test("a database that takes away what the binary needs is refused", arguments: TestEngine.all)
    func newer(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let second = Migration("m002_ada", suitsEarlier: false, "SELECT 1")
            _ = try await Migrator([Self.first, second], on: database).run { 5 }
            let old = Migrator([Self.first], on: database)
            await #expect(throws: MigrationFault.databaseIsNewer("m002_ada")) { try await old.run { 6 } }
            await #expect(throws: MigrationFault.databaseIsNewer("m002_ada")) { try await old.status() }
        }
    }

    @Test("a migration that comes before one that was applied is refused", arguments: TestEngine.all)
    func outOfOrder(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let third = Migration("m003_other", "CREATE TABLE other (id bigint)")
            _ = try await Migrator([Self.first, third], on: database).run { 5 }
            let all = Migrator([Self.first, Self.second, third], on: database)
            await #expect(throws: MigrationFault.outOfOrder("m002_ada")) { try await all.run { 6 } }
        }
    }

    @Test("a migration that fails leaves nothing behind, and those before it stay", arguments: TestEngine.all)
    func failure(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let bad = Migration("m002_bad", "CREATE TABLE half (id bigint); INSERT INTO nowhere VALUES (1);")
            let fault = await #expect(throws: MigrationFault.self) {
                try await Migrator([Self.first, bad], on: database).run { 5 }
            }
            guard case .failed("m002_bad", .broken) = fault else { throw Mishap() }
            #expect(try await Migrator([Self.first], on: database).run { 6 } == [])
            let mended = Migration("m002_bad", "CREATE TABLE half (id bigint)")
            #expect(try await Migrator([Self.first, mended], on: database).run { 7 } == ["m002_bad"])
        }
    }

    @Test("many who migrate at once share the work", arguments: TestEngine.all)
    func atOnceEverywhere(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let all = Migrator([Self.first, Self.second, Self.third], on: database)
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for time in 0..<8 { group.addTask { try await all.run { time } } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == ["m001_people", "m002_ada", "m003_tail"])
            #expect(try await database.count("SELECT count(*) FROM person") == 1)
        }
    }
}
