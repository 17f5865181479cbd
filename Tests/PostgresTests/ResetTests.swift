import CPostgres
import Glibc
import Loop
import Storage
import Testing

@testable import Postgres

/// Libpq closes its socket by itself when the server has reset it, in the call that finds it out, and the loop hears nothing of that.
@Suite("When the server resets a connection", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)))
struct ResetTests {
    @Test(
        "who asks over it is told at the end of the tick, and not when the server should have ended the statement",
        arguments: ["disable", "prefer"])
    func toldAtOnce(encryption: String) async throws {
        let proxy = try ResettingProxy()
        defer { proxy.stop() }
        let address = try ServerAddress("postgresql://postgres@127.0.0.1:\(proxy.port)/postgres?sslmode=\(encryption)")
        let loop = try EventLoop()
        let thread = loop.start(named: "test-loop")
        let blocking = BlockingPool(threads: 1, bound: 4)
        defer {
            loop.stop()
            thread.join()
            blocking.stop()
        }
        try await Task(executorPreference: loop) {
            let owner = Owner()
            let rules = PostgresLimits.with { _ in }.writing
            let link = ServerLink(on: loop, to: address, NameLookUp(address, on: blocking), rules, owner: owner)
            link.connect()
            while !link.isReady { try await Task.sleep(for: .milliseconds(2)) }
            let socket = PQsocket(link.connection)
            // The loop does not turn here, so nothing is dispatched between the reset and what is asked then.
            proxy.reset()
            var ready = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            while ready.revents & Int16(POLLERR | POLLHUP) == 0 { poll(&ready, 1, 100) }
            let told = Task(executorPreference: loop) { () -> StorageFault? in
                let text = String(repeating: "x", count: 60_000)
                do throws(StorageFault) {
                    _ = try await Query("SELECT \(text)", mayRepeat: false).answer { link.send($0, alone: true) }
                    return nil
                } catch {
                    return error
                }
            }
            // The task sends in one tick, and the link looks at what came of it at the end of that tick.
            while !owner.hasLost, link.isReady { await Task.yield() }
            #expect(owner.hasLost && !link.isOpen)
            #expect(await told.value == .unavailable("the connection was lost"))
            link.close()
        }.value
    }

    @Test("under resets again and again every read and change comes to an end, and no socket of others loses its events")
    func others() async throws {
        let proxy = try ResettingProxy()
        defer { proxy.stop() }
        try await withDatabase("resets", PostgresLimits(), url: "postgresql://postgres@127.0.0.1:\(proxy.port)/postgres") { bench in
            try await bench.prepare("CREATE TABLE IF NOT EXISTS t_resets (k text)")
            let isOver = Locked(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<12 {
                    group.addTask(executorPreference: bench.loop) { await ask(bench, until: isOver) }
                }
                for _ in 0..<40 {
                    await bench.sleep(milliseconds: 50)
                    proxy.reset()
                    // What is opened now gets the numbers that libpq has just given back.
                    try await hear(on: bench.loop)
                }
                isOver.withLock { $0 = true }
                try await group.waitForAll()
            }
            // The last reset may still be felt.
            var fault: StorageFault? = .unavailable("")
            while case .unavailable = fault {
                await bench.sleep(milliseconds: 5)
                fault = await PostgresTests.fault { try await bench.prepare("DROP TABLE IF EXISTS t_resets") }
            }
            #expect(fault == nil)
        }
    }

    private func ask(_ bench: Bench, until isOver: Locked<Bool>) async {
        let text = String(repeating: "x", count: 60_000)
        while !isOver.withLock({ $0 }) && !Task.isCancelled {
            _ = await fault { try await bench.prepare("INSERT INTO t_resets (k) VALUES (\(text))", "DELETE FROM t_resets") }
            _ = await fault { _ = try await bench.number("SELECT length(\(text))") }
            // While there is no link the answer comes at once, and a task that never waits would keep the loop to itself.
            await bench.sleep(milliseconds: 1)
        }
    }

    /// A few sockets that are watched while links come and go, and must still hear of what comes then.
    private func hear(on loop: EventLoop) async throws {
        var pairs: [(ours: Int32, theirs: Int32)] = []
        for _ in 0..<16 {
            var ends: [Int32] = [-1, -1]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
            pairs.append((ends[0], ends[1]))
        }
        let ears = pairs.map { _ in Ear() }
        let registrations = try zip(pairs, ears).map { try loop.watch($0.ours, for: .reading, $1) }
        try await Task.sleep(for: .milliseconds(20))
        for pair in pairs { _ = Socket.send(pair.theirs, UnsafeRawBufferPointer(start: "x", count: 1)) }
        // The suite's time limit ends the wait for one that never hears.
        while !ears.allSatisfy(\.hasHeard) { try await Task.sleep(for: .milliseconds(2)) }
        for registration in registrations { loop.unwatch(registration) }
        for pair in pairs {
            Socket.close(pair.ours)
            Socket.close(pair.theirs)
        }
    }
}

private final class Ear: Watcher {
    private(set) var hasHeard = false

    func ready(_ readiness: Readiness) { hasHeard = true }
}

private final class Owner: LinkOwner {
    private(set) var hasLost = false

    func linkIsReady(_ link: ServerLink) {}
    func link(_ link: ServerLink, couldNotConnect why: String) { Issue.record("\(why)") }
    func link(_ link: ServerLink, lostWith queries: [Query]) {
        hasLost = true
        for query in queries { query.fail(.unavailable("the connection was lost")) }
    }
}
