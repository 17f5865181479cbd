import Glibc
import Storage
import TestEngines
import Testing

/// Runs `body` on a loop with a folder that is removed afterwards, with the files in it.
func inFolder(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
    var template = Array("/tmp/martlet-storage-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer {
        for name in ["a.db", "faulty.db"] { for end in ["", "-wal", "-shm"] { unlink(folder + "/" + name + end) } }
        rmdir(folder)
    }
    try await onLoop { _ in try await body(folder) }
}

/// The fault that `body` ends with.
func fault<Result>(_ body: () async throws -> Result) async -> StorageFault? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? StorageFault
    }
}

struct Mishap: Error, Equatable {
    var number = 0
}

extension Database {
    func count(_ sql: SQL) async throws -> Int {
        try await read { db in try #require(try await db.first(sql) { $0.int() }) }
    }
}
