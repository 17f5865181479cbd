import Loop
import Storage
import TestEngines
import Testing

@Suite("Scans of several people", .timeLimit(.minutes(2))) struct ScanTurnTests {
    @Test(
        "somebody with many slow questions has one of them answered at a time, and others wait for none of the rest",
        arguments: TestEngine.all)
    func turns(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let greedy = ScanOwner.person(1)
            let (running, most, ended) = (Locked(0), Locked(0), Locked(0))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await database.scan(within: nil, for: greedy) { db in
                            let now = running.withLock { count in
                                count += 1
                                return count
                            }
                            most.withLock { $0 = max($0, now) }
                            try await db.run(Self.slow(db.engine))
                            running.withLock { $0 -= 1 }
                        }
                        ended.withLock { $0 += 1 }
                    }
                }
                while running.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(1)) }
                for person in 2...4 {
                    let owner = ScanOwner.person(UInt128(person))
                    _ = try await database.scan(within: nil, for: owner) { db in try await db.first("SELECT 1") { $0.int() } }
                }
                // The twelve take far longer than three short ones, unless these stand behind them.
                #expect(ended.withLock { $0 } < 8)
                try await group.waitForAll()
            }
            #expect(most.withLock { $0 } == 1)
        }
    }

    @Test("a read that turns out slow waits for its owner's turn as well", arguments: TestEngine.all)
    func slowReads(on engine: TestEngine) async throws {
        // PostgreSQL's reads may take half a minute in tests, so that none turns out slow.
        guard engine.engine == .sqlite else { return }
        try await withDatabase(on: engine) { database in
            let (running, most) = (Locked(0), Locked(0))
            try await atOnce(6) { _ in
                let isScan = Locked(false)
                try await database.read(for: .person(1)) { db in
                    let isAgain = isScan.withLock { wasScan in
                        defer { wasScan = true }
                        return wasScan
                    }
                    guard isAgain else { return _ = try await db.run(Self.slow(db.engine)) }
                    let now = running.withLock { count in
                        count += 1
                        return count
                    }
                    most.withLock { $0 = max($0, now) }
                    try await db.run(Self.slow(db.engine))
                    running.withLock { $0 -= 1 }
                }
            }
            #expect(most.withLock { $0 } == 1)
        }
    }

    @Test("more than one person may have waiting is refused as busy, and others are still let in", arguments: TestEngine.all)
    func bound(on engine: TestEngine) async throws {
        try await withDatabase(on: engine) { database in
            let isOver = Locked(false)
            let refused = Locked(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        let fault = await fault {
                            try await database.scan(within: nil, for: .person(1)) { db in
                                while !isOver.withLock({ $0 }) { try await db.run(Self.slow(db.engine)) }
                            }
                        }
                        if case .busy = fault { refused.withLock { $0 += 1 } } else { #expect(fault == nil) }
                    }
                }
                while refused.withLock({ $0 }) < 27 { try await Task.sleep(for: .milliseconds(1)) }
                let one = try await database.scan(within: nil, for: .person(2)) { db in try await db.first("SELECT 1") { $0.int() } }
                #expect(one == 1)
                isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            // One runs and 32 wait, or 32 had to wait before the first of them ran.
            #expect((27...28).contains(refused.withLock { $0 }))
        }
    }

    private static func slow(_ engine: Engine) -> SQL {
        engine == .postgres
            ? "SELECT CAST(pg_sleep(0.05) AS text)"
            : "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
    }
}
