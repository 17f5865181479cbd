public import Loop
import SQLite
public import Storage
public import Testing

/// An engine that the suite runs on. `open` gives an empty database that is gone once it is closed.
public struct TestEngine: Sendable, CustomTestStringConvertible {
    public let engine: Engine
    public let open: @Sendable (EventLoop) async throws -> any Database

    public var testDescription: String { engine.rawValue }

    /// Every engine that can be had here.
    public static var all: [TestEngine] { [.sqlite] + (postgres.map { [$0] } ?? []) }

    public static let sqlite = TestEngine(engine: .sqlite) { loop in try SQLiteDatabase.temporary(loops: [loop]) }
}

/// Runs `body` on a loop with an empty database of that engine.
public func withDatabase(on engine: TestEngine, _ body: @escaping @Sendable (any Database) async throws -> Void) async throws {
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
public func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
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

/// Runs `body` `count` times at once, and throws what the first that fails throws.
public func atOnce(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        try await group.waitForAll()
    }
}
