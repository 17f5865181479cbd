import Storage
import TestEngines
import Testing

struct Mishap: Error, Equatable {
    var number = 0
}

extension Database {
    func count(_ sql: SQL) async throws -> Int {
        try await read { db in try #require(try await db.first(sql) { $0.int() }) }
    }
}
