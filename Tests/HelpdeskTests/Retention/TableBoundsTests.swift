import Glibc
import Storage
import TestEngines
import Testing

@Suite("docs/operating.md, what bounds each table") struct TableBoundsTests {
    /// The tables that the page names, each once.
    private static func named() throws -> [String] {
        let root = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
        let stream = try #require(fopen(root + "/docs/operating.md", "r"))
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "| Table | What bounds it |")) + 2
        return lines[start...].prefix { $0.hasPrefix("| `") }.flatMap { line in
            // The first cell holds the names, each between backticks.
            line.split(separator: "|")[0].split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
    }

    /// The tables that a database has; of SQLite's full-text indexes not the tables that they are made of.
    private static func tables(_ db: Connection) async throws -> [String] {
        switch db.engine {
        case .sqlite:
            let all = try await db.all(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            ) { (name: $0.text(), sql: $0.text()) }
            let virtual = all.filter { $0.sql.hasPrefix("CREATE VIRTUAL TABLE") }.map(\.name)
            return all.map(\.name).filter { name in !virtual.contains { name.hasPrefix($0 + "_") } }
        case .postgres:
            return try await db.all(
                "SELECT table_name::text FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = current_schema()"
            ) { $0.text() }
        }
    }

    @Test("it names every table that a database has", arguments: TestEngine.all)
    func names(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let named = try Self.named()
            let tables = try await desk.database.read { db in try await Self.tables(db) }
            #expect(tables.count > 30 && tables.contains("people") && tables.contains("migrations"))
            for table in tables { #expect(named.contains(table), "nothing says what bounds \(table)") }
            #expect(Set(named).count == named.count)
        }
    }

    @Test("it names none that no database has")
    func nothingElse() async throws {
        let named = try Self.named()
        try await withDesk(on: .sqlite) { desk in
            // SQLite has all that PostgreSQL has, and more.
            let tables = try await desk.database.read { db in try await Self.tables(db) }
            for name in named { #expect(tables.contains(name), "there is no table \(name)") }
        }
    }
}
