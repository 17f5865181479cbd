import Storage
import TestEngines
import Testing

@Suite("Every engine", .timeLimit(.minutes(2))) struct ConformanceTests {
    // MARK: - Values

    @Test(
        "a number comes back as it was", arguments: TestEngine.all,
        [0, 1, -1, .max, .min, 1 << 53 + 1] as [Int])
    func integers(on engine: TestEngine, number: Int) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in try await db.run("INSERT INTO thing (id, number) VALUES (1, \(number))") }
            #expect(try await database.read { db in try await db.first("SELECT number FROM thing") { $0.int() } } == number)
        }
    }

    @Test(
        "a text comes back as it was", arguments: TestEngine.all,
        ["", "a", "fifteen letters", "more than fifteen letters", "ü€😀 \u{301}", "'; DROP TABLE thing; --", "\u{1}\n\t\\", "123", "1e5"])
    func texts(on engine: TestEngine, text: String) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in try await db.run("INSERT INTO thing (id, title) VALUES (1, \(text))") }
            let back = try await database.read { db in
                try await db.first("SELECT title FROM thing WHERE title = \(text)") { $0.text() }
            }
            #expect(back.map { Array($0.utf8) } == Array(text.utf8))
        }
    }

    @Test("a number with a fraction comes back as it was", arguments: TestEngine.all)
    func reals(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let numbers = [0, 1, -1.5, 0.1, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity]
            for number in numbers {
                try await database.write { db in
                    try await db.run("DELETE FROM thing")
                    try await db.run("INSERT INTO thing (id, share) VALUES (1, \(number))")
                }
                #expect(try await database.read { db in try await db.first("SELECT share FROM thing") { $0.real() } } == number)
            }
        }
    }

    @Test("bytes, booleans and ids come back as they were", arguments: TestEngine.all)
    func others(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let every = (0...255).map { UInt8($0) }
            for (bytes, flag, id) in [(every, true, UInt128.max), ([], false, 0), ([0], true, 1 << 100 | 7)] {
                try await database.write { db in
                    try await db.run("DELETE FROM thing")
                    try await db.run("INSERT INTO thing (id, body, is_open, key) VALUES (1, \(bytes), \(flag), \(Value.uuid(id)))")
                }
                let back = try await database.read { db in
                    try await db.first("SELECT body, is_open, key FROM thing WHERE is_open = \(flag) AND key = \(Value.uuid(id))") {
                        ($0.bytes(), $0.bool(), $0.uuid())
                    }
                }
                let (gotBytes, gotFlag, gotID) = try #require(back)
                #expect(gotBytes == bytes)
                #expect(gotFlag == flag)
                #expect(gotID == id)
            }
        }
    }

    @Test("nothing comes back as nothing, of every kind", arguments: TestEngine.all)
    func nulls(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in
                try await db.run(
                    """
                    INSERT INTO thing (id, number, title, share, body, is_open, key) VALUES (
                        1, \(Int?.none), \(String?.none), \(Double?.none), \([UInt8]?.none), \(Bool?.none), \(Value.null(.uuid)))
                    """)
            }
            let areAbsent = try await database.read { db in
                try await db.first("SELECT number, title, share, body, is_open, key FROM thing") { row in
                    [
                        row.optionalInt() == nil, row.optionalText() == nil, row.optionalReal() == nil, row.optionalBytes() == nil,
                        row.optionalBool() == nil, row.optionalUUID() == nil,
                    ]
                }
            }
            #expect(areAbsent == Array(repeating: true, count: 6))
        }
    }

    @Test("what is there is read by the optional methods too, in order or by position", arguments: TestEngine.all)
    func positions(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in try await db.run("INSERT INTO thing (id, number, title) VALUES (1, 2, 'three')") }
            let read = try await database.read { db in
                try await db.first("SELECT id, number, title FROM thing") { row -> String in
                    let title = row.text(at: 2)
                    row.skip()
                    let number = row.optionalInt()
                    let again = row.withText { String(decoding: $0, as: UTF8.self) }
                    return "\(title) \(number ?? 0) \(again) \(row.int(at: 0))"
                }
            }
            #expect(read == "three 2 three 1")
        }
    }

    @Test("a text with NUL is refused, and so is NaN", arguments: TestEngine.all)
    func unencodable(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            for value in [Value.text("a\0b"), .text("\0"), .real(.nan)] {
                let fault = await #expect(throws: StorageFault.self) {
                    try await database.write { db in try await db.run("INSERT INTO thing (id, title) VALUES (1, \(value))") }
                }
                guard case .broken = fault else { throw Mishap() }
            }
            #expect(try await database.count("SELECT count(*) FROM thing") == 0)
        }
    }

    // MARK: - Rows

    @Test("a column that is not what was asked for is a fault, and its caller sees no result", arguments: TestEngine.all)
    func wrongColumns(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in try await db.run("INSERT INTO thing (id, title) VALUES (1, 'one')") }
            func expectFault(_ read: @escaping @Sendable (inout Row) -> Void) async throws {
                let fault = await #expect(throws: StorageFault.self) {
                    try await database.read { db in _ = try await db.all("SELECT id, title, number FROM thing", read) }
                }
                guard case .broken = fault else { throw Mishap() }
            }
            try await expectFault { _ = $0.text() }
            try await expectFault { _ = $0.int(at: 1) }
            try await expectFault { _ = $0.int(at: 2) }
            try await expectFault { _ = $0.bytes(at: 1) }
            try await expectFault { _ = $0.uuid(at: 0) }
            try await expectFault { _ = $0.real(at: 0) }
            try await expectFault { _ = $0.text(at: 3) }
            try await expectFault { _ = $0.isNull(at: 3) }
            try await expectFault { $0.refuse("no such word") }
            #expect(try await database.count("SELECT count(*) FROM thing") == 1)
        }
    }

    @Test("a reader of rows may throw", arguments: TestEngine.all)
    func throwingReader(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            await #expect(throws: StorageFault.broken("no")) {
                try await database.read { db in
                    try await db.all("SELECT 1") { _ throws(StorageFault) -> Int in throw StorageFault.broken("no") }
                }
            }
        }
    }

    @Test("a change tells how many rows it changed, and gives back what it is asked for", arguments: TestEngine.all)
    func changes(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let told = try await database.write { db in
                var told = [try await db.run("INSERT INTO thing (id) VALUES (1), (2), (3)")]
                told.append(try await db.run("UPDATE thing SET number = 1 WHERE id > \(1)"))
                told.append(try await db.run("UPDATE thing SET number = 1 WHERE id > \(3)"))
                told.append(try await db.run("CREATE TABLE other (id bigint)"))
                told.append(try await db.run("SELECT id FROM thing"))
                told += try await db.all("DELETE FROM thing WHERE id < \(3) RETURNING id") { $0.int() }.sorted()
                return told
            }
            #expect(told == [3, 2, 0, 0, 0, 1, 2])
        }
    }

    @Test("the first row is enough for a question, but a change is made in full", arguments: TestEngine.all)
    func first(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in
                let id = try await db.first("INSERT INTO thing (id) VALUES (1), (2), (3) RETURNING id") { $0.int() }
                #expect(id == 1)
            }
            #expect(try await database.count("SELECT count(*) FROM thing") == 3)
            let (first, none) = try await database.read { db in
                (
                    try await db.first("SELECT id FROM thing ORDER BY id") { $0.int() },
                    try await db.first("SELECT id FROM thing WHERE id > 3") { $0.int() }
                )
            }
            #expect(first == 1)
            #expect(none == nil)
        }
    }

    // MARK: - The common SQL

    @Test("text orders byte by byte, and LIKE tells case", arguments: TestEngine.all)
    func collation(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            try await database.write { db in
                for (id, title) in ["b", "ä", "B", "a", "A", ""].enumerated() {
                    try await db.run("INSERT INTO thing (id, title) VALUES (\(id), \(title))")
                }
            }
            let (ordered, liked) = try await database.read { db in
                (
                    try await db.all("SELECT title FROM thing ORDER BY title COLLATE \"C\"") { $0.text() },
                    try await db.all("SELECT title FROM thing WHERE title LIKE \("a%")") { $0.text() }
                )
            }
            #expect(ordered == ["", "A", "B", "a", "b", "ä"])
            #expect(liked == ["a"])
        }
    }

    @Test("keyset pages, upserts and filters are written alike", arguments: TestEngine.all)
    func common(on engine: TestEngine) async throws {
        try await withThings(on: engine) { database in
            let (page, inserted, sums) = try await database.write { db in
                for id in 1...5 { try await db.run("INSERT INTO thing (id, number) VALUES (\(id), \(id / 2))") }
                let page = try await db.all(
                    "SELECT id FROM thing WHERE (number, id) > (\(1), \(2)) ORDER BY number, id LIMIT \(2)"
                ) { $0.int() }
                let inserted = try await db.first("INSERT INTO thing (id) VALUES (\(5)) ON CONFLICT DO NOTHING RETURNING id") { $0.int() }
                let sums = try await db.first(
                    """
                    SELECT CAST(sum(number) AS bigint), count(*) FILTER (WHERE number = \(1)), count(*) FILTER (WHERE id IN \(list: [1, 9])),
                        count(*) FILTER (WHERE id IN \(list: [] as [Int])) FROM thing
                    """
                ) { [$0.int(), $0.int(), $0.int(), $0.int()] }
                return (page, inserted, sums)
            }
            #expect(page == [3, 4])
            #expect(inserted == nil)
            #expect(sums == [6, 2, 1, 0])
        }
    }

    // MARK: - Support

    func withThings(on engine: TestEngine, _ body: @escaping @Sendable (any Database) async throws -> Void) async throws {
        try await withDatabase(on: engine) { database in
            try await database.makeThings()
            try await body(database)
        }
    }
}

extension Database {
    /// A table with a column of every kind.
    func makeThings() async throws {
        try await write { db in
            try await db.run(
                """
                CREATE TABLE thing (
                    id bigint NOT NULL CONSTRAINT thing_key PRIMARY KEY, number bigint, title text, share double precision, body bytea,
                    is_open boolean, key uuid, CONSTRAINT number_is_even CHECK (id < 1000 OR number % 2 = 0))
                """)
        }
    }
}
