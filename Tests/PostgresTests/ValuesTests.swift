import Loop
import Storage
import Testing

@testable import Postgres

@Suite("Values on their way to PostgreSQL and back", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)))
struct ValuesTests {
    @Test("every type comes back as it went, in a read, a transaction and a scan")
    func roundTrip() async throws {
        try await withDatabase("values-trip") { bench in
            let text = "Grüße, 🐦 and 'quotes' \\ $1"
            let bytes = (0...255).map { UInt8($0) }
            let ask: @Sendable (Connection) async throws -> Bool = { db in
                let rows = try await db.all(
                    """
                    SELECT \(Int64.min), \(Int64.max), \(0), \(-0.5), \(Double.infinity), \(true), \(false), \(text), \(""), \(bytes), \
                    \([UInt8]()), \(Value.uuid(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)), \(Value.null(.text)), \(Value.null(.integer))
                    """
                ) { row in
                    same(row.int(), Int(Int64.min))
                    same(row.int(), Int(Int64.max))
                    same(row.int(), 0)
                    same(row.real(), -0.5)
                    same(row.real(), .infinity)
                    same(row.bool(), true)
                    same(row.bool(), false)
                    same(row.text(), text)
                    same(row.text(), "")
                    same(row.bytes(), bytes)
                    same(row.bytes(), [])
                    same(row.uuid(), 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)
                    same(row.optionalText(), nil)
                    same(row.optionalInt(), nil)
                    return true
                }
                return rows == [true]
            }
            let byRead = try await bench.database.read(ask)
            #expect(byRead)
            let byWrite = try await bench.database.write(ask)
            #expect(byWrite)
            let byScan = try await bench.database.scan(ask)
            #expect(byScan)
        }
    }

    @Test("smaller numbers, JSON and words of the catalogue are read too")
    func otherTypes() async throws {
        try await withDatabase("values-other") { bench in
            try await bench.database.read { db in
                _ = try await db.first(
                    "SELECT CAST(-7 AS smallint), CAST(70000 AS integer), CAST(1.5 AS real), CAST('{\"a\": 1}' AS json), CAST('x' AS name)"
                ) { row in
                    same(row.int(), -7)
                    same(row.int(), 70_000)
                    same(row.real(), 1.5)
                    same(row.text(), "{\"a\": 1}")
                    same(row.text(), "x")
                }
            }
        }
    }

    @Test("megabytes go both ways, also when the socket is full")
    func large() async throws {
        try await withDatabase("values-large") { bench in
            let texts = (0..<4).map { String(repeating: "martlet\($0) ", count: 200_000) }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for text in texts {
                    group.addTask { try await bench.database.read { db in try await db.first("SELECT \(text)") { $0.text() } } == text }
                }
                for try await isSame in group { #expect(isSame) }
            }
        }
    }

    @Test("a text with NUL and a real that is no number are refused, and nobody else is disturbed")
    func refused() async throws {
        try await withDatabase("values-refused", .oneReadLink) { bench in
            async let neighbour = bench.number("SELECT \(1)")
            let nul = await fault { _ = try await bench.database.read { db in try await db.first("SELECT \("a\0b")") { $0.text() } } }
            let nan = await fault { _ = try await bench.database.read { db in try await db.first("SELECT \(Double.nan)") { $0.real() } } }
            #expect(nul == .broken("a text parameter contains NUL, which cannot be stored"))
            #expect(nan == .broken("a parameter is not a number, which cannot be stored"))
            let undisturbed = try await neighbour
            #expect(undisturbed == 1)
            let write = await fault { try await bench.database.write { db in _ = try await db.run("SELECT \("\0")") } }
            #expect(write == .broken("a text parameter contains NUL, which cannot be stored"))
            #expect(try await bench.number("SELECT \(2)") == 2)
        }
    }

    @Test("a column that is not what was asked for is told by its place and name")
    func mismatch() async throws {
        try await withDatabase("values-mismatch") { bench in
            let database = bench.database
            let asText = await fault { _ = try await database.read { db in try await db.first("SELECT 1 AS n") { $0.text() } } }
            #expect(asText == .broken("column 0 (n) is not a text but of the type numbered 23"))
            let null = await fault {
                _ = try await database.read { db in try await db.first("SELECT CAST(NULL AS text) AS t") { $0.text() } }
            }
            #expect(null == .broken("column 0 (t) is NULL"))
            let beyond = await fault { _ = try await database.read { db in try await db.first("SELECT 1") { $0.int(at: 1) } } }
            #expect(beyond == .broken("there is no column 1 in an answer of 1"))
            let sum = await fault { _ = try await database.read { db in try await db.first("SELECT 1.5") { $0.real() } } }
            #expect(sum?.isPassing == false)
        }
    }

    @Test("a change tells how many rows it touched, and a question tells none")
    func changed() async throws {
        try await withDatabase("values-changed") { bench in
            try await bench.prepare("DROP TABLE IF EXISTS t_changed", "CREATE TABLE t_changed (a bigint)")
            let counts = try await bench.database.write { db in
                [
                    try await db.run("INSERT INTO t_changed SELECT generate_series(1, 5)"),
                    try await db.run("UPDATE t_changed SET a = a + 1 WHERE a > \(2) RETURNING a"),
                    try await db.run("DELETE FROM t_changed WHERE a = \(99)"),
                    try await db.run("SELECT a FROM t_changed"),
                ]
            }
            #expect(counts == [5, 3, 0, 0])
        }
    }
}

/// A check of what a row gives: it cannot be lent to a macro.
private func same<Wanted: Equatable>(_ got: Wanted, _ wanted: Wanted, location: SourceLocation = #_sourceLocation) {
    #expect(got == wanted, sourceLocation: location)
}
