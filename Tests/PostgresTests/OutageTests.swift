import Glibc
import Loop
import Storage
import Testing

@testable import Postgres

@Suite("When the server goes away", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)))
struct OutageTests {
    @Test("reads whose session is ended are asked once more; a change is not, and its caller is told")
    func terminated() async throws {
        try await withDatabase("outage-terminated", .with { ($0.readLinks, $0.readTime) = (1, 5_000) }) { bench in
            try await withDatabase("outage-killer") { killer in
                _ = try await bench.number("SELECT 1")
                let reads = (0..<20).map { number in
                    Task(executorPreference: bench.loop) { try await bench.number("SELECT \(number) FROM pg_sleep(0.02)") }
                }
                let change = Task(executorPreference: bench.loop) { await fault { try await bench.prepare("SELECT 1 FROM pg_sleep(5)") } }
                while try await killer.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'outage-terminated' AND state = 'active'") < 2
                {
                    try Task.checkCancellation()
                    await bench.sleep(milliseconds: 10)
                }
                let ended = try await killer.database.write { db in
                    try await db.all(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outage-terminated'"
                    ) { $0.bool() }
                }
                #expect(ended == [true, true])
                for (number, read) in reads.enumerated() {
                    let answer = try await read.value
                    #expect(answer == number)
                }
                let told = await change.value
                #expect(told == .unavailable("the connection was lost"))
                try await bench.prepare("SELECT 1")
            }
        }
    }

    @Test("a read whose session is ended twice is not asked a third time")
    func terminatedTwice() async throws {
        try await withDatabase("outage-twice", .with { ($0.readLinks, $0.readTime) = (1, 10_000) }) { bench in
            try await withDatabase("outage-twice-killer") { killer in
                let read = Task(executorPreference: bench.loop) { await fault { _ = try await bench.number("SELECT 1 FROM pg_sleep(9)") } }
                var ended = 0
                while ended < 2 {
                    try Task.checkCancellation()
                    await bench.sleep(milliseconds: 50)
                    ended += try await killer.database.write { db in
                        try await db.all(
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE application_name = 'outage-twice' AND state = 'active' AND query LIKE '%pg_sleep(9)'
                            """
                        ) { $0.bool() }.count
                    }
                }
                let told = await read.value
                #expect(told == .unavailable("the connection was lost"))
            }
        }
    }

    @Test("a server that is not there is told at once, from the second call on")
    func absent() async throws {
        try await withDatabase("outage-absent", url: "postgresql://postgres@127.0.0.1:9/postgres") { bench in
            for _ in 0..<100 {
                let read = await fault { _ = try await bench.number("SELECT 1") }
                guard case .unavailable = read else {
                    Issue.record("\(String(describing: read))")
                    return
                }
            }
            guard case .unavailable = await fault({ try await bench.prepare("SELECT 1") }) else {
                Issue.record("a change went where no server is")
                return
            }
        }
    }

    @Test("a name that has no address is an outage too")
    func nameless() async throws {
        try await withDatabase("outage-nameless", url: "postgresql://postgres@no-such-host.invalid/postgres") { bench in
            let told = await fault { _ = try await bench.number("SELECT 1") }
            #expect(told == .unavailable("its name has no address"))
        }
    }

    @Test("of several hosts the one that is there is used")
    func severalHosts() async throws {
        let url = try #require(TestServer.url)
        let name = try #require(url.split(separator: "@").last.map(String.init))
        // Nobody listens at port 1.
        let several = url.replacing(name, with: "127.0.0.1:1," + name)
        try await withDatabase("outage-hosts", url: several) { bench in
            #expect(try await bench.number("SELECT 1") == 1)
            try await bench.prepare("SELECT 1")
        }
    }

    @Test("stopped and started under load: told at once meanwhile, whole within two seconds of its return, nothing lost")
    func restarted() async throws {
        let server = try OwnServer("restart")
        defer { server.remove() }
        try await withDatabase("outage-restart", PostgresLimits(), url: server.url) { bench in
            try await bench.prepare("CREATE TABLE t_restart (k bigint)")
            let load = Load(bench)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<16 {
                    group.addTask(executorPreference: bench.loop) { await load.read() }
                    group.addTask(executorPreference: bench.loop) { await load.write(worker) }
                }
                await bench.sleep(milliseconds: 300)
                try await load.elsewhere { try server.pause() }
                let before = load.reads.withLock { $0 }
                #expect(before > 0)
                await bench.sleep(milliseconds: 500)
                let start = MonotonicClock.now
                let told = await fault { _ = try await bench.number("SELECT 1") }
                #expect(told?.isPassing == true)
                #expect(MonotonicClock.now - start < 200_000_000)
                try await load.elsewhere { try server.resume() }
                await bench.sleep(milliseconds: 1_500)
                load.faultsAfterReturn.withLock { $0 = 0 }
                let (reads, writes) = (load.reads.withLock { $0 }, load.written.withLock { $0.count })
                await bench.sleep(milliseconds: 300)
                #expect(load.reads.withLock { $0 } > reads)
                #expect(load.written.withLock { $0.count } > writes)
                #expect(load.faultsAfterReturn.withLock { $0 } == 0)
                load.isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            let rows = try await bench.database.scan { db in try await db.all("SELECT k FROM t_restart") { $0.int() } }
            #expect(load.written.withLock { $0 }.subtracting(rows).isEmpty)
            // No change was made twice, whatever became of its link.
            #expect(Set(rows).count == rows.count)
        }
    }
}

/// Callers that never rest, and what they were told.
private final class Load: Sendable {
    private let bench: Bench
    let isOver = Locked(false)
    let reads = Locked(0)
    /// The keys that were acknowledged.
    let written = Locked<Set<Int>>([])
    let faultsAfterReturn = Locked(0)

    init(_ bench: Bench) { self.bench = bench }

    func read() async {
        while !isOver.withLock({ $0 }) && !Task.isCancelled {
            if let answer = try? await bench.number("SELECT \(4) + 1") {
                #expect(answer == 5)
                reads.withLock { $0 += 1 }
            } else {
                faultsAfterReturn.withLock { $0 += 1 }
                await bench.sleep(milliseconds: 2)
            }
        }
    }

    func write(_ worker: Int) async {
        var key = worker
        while !isOver.withLock({ $0 }) && !Task.isCancelled {
            key += 100
            if await fault({ try await bench.prepare("INSERT INTO t_restart VALUES (\(key))") }) == nil {
                written.withLock { [key] in _ = $0.insert(key) }
            } else {
                faultsAfterReturn.withLock { $0 += 1 }
                await bench.sleep(milliseconds: 2)
            }
        }
    }

    /// Runs what blocks on a thread of its own.
    func elsewhere(_ work: @escaping @Sendable () throws -> Void) async throws {
        let lane = Lane(named: "elsewhere")
        defer { lane.stop() }
        try await lane.run(work)
    }
}
