import Glibc
import Loop
import SQLite
import Storage
import Testing

/// An engine that the suite runs on. `open` gives an empty database that is gone once it is closed.
struct TestEngine: Sendable, CustomTestStringConvertible {
    let engine: Engine
    let open: @Sendable (EventLoop) async throws -> any Database

    var testDescription: String { engine.rawValue }

    /// Every engine that can be had here.
    static var all: [TestEngine] { [.sqlite] + (postgres.map { [$0] } ?? []) }

    static let sqlite = TestEngine(engine: .sqlite) { _ in try SQLiteDatabase.temporary() }
}

/// Runs `body` on a loop with an empty database of that engine.
func withDatabase(on engine: TestEngine, _ body: @escaping @Sendable (any Database) async throws -> Void) async throws {
    try await onLoop { loop in
        let database = try await engine.open(loop)
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

/// Runs `body` on the thread of a loop that was started for it, and ends the loop.
func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop()
    let thread = loop.start(named: "test-loop")
    defer {
        loop.stop()
        thread.join()
    }
    let test = Task(executorPreference: loop) { try await body(loop) }
    // The time limit cancels.
    try await withTaskCancellationHandler {
        try await test.value
    } onCancel: {
        test.cancel()
    }
}

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

/// Runs `body` `count` times at once, and throws what the first that fails throws.
func atOnce(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        try await group.waitForAll()
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
