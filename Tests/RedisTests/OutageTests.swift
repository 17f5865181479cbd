import Glibc
import Loop
import Testing

@testable import Redis

@Suite("When Redis goes away", .enabled(if: TestServer.isThere, TestServer.absence), .timeLimit(.minutes(2)), .serialized)
struct OutageTests {
    @Test("who asks is told at once; it is back when the server is, and hears again")
    func restart() async throws {
        let server = try OwnServer("restart")
        defer { server.remove() }
        try await withClient(server.url, channels: ["news"]) { bench in
            try await bench.up()
            try await offLoop { try server.act("pause") }
            try await bench.down()
            #expect(await bench.client.send(RedisCommand("PING")) == nil)
            bench.client.publish([120], to: "news")
            try await offLoop { try server.act("resume") }
            try await bench.up()
            #expect(await bench.client.send(RedisCommand("PING")) == [.status("PONG")])
            bench.client.publish(Array("again".utf8), to: "news")
            try await bench.wait { !bench.heard.withLock { $0.isEmpty } }
            #expect(bench.heard.withLock { $0 } == ["news again"])
            #expect(bench.changes.withLock { $0.map { $0 == nil } } == [true, false, true])
        }
    }

    @Test("a server that hangs counts as gone: who waits for it is told, and it is used again when it has come to itself")
    func hanging() async throws {
        let server = try OwnServer("hanging")
        defer { server.remove() }
        var limits = RedisLimits()
        (limits.answerTime, limits.quietTime) = (200_000_000, 100_000_000)
        try await withClient(server.url, channels: ["news"], limits) { bench in
            try await bench.up()
            try await offLoop { try server.act("freeze") }
            while bench.client.isUp { #expect(await bench.client.send(RedisCommand("PING")) != [.null]) }
            try await offLoop { try server.act("thaw") }
            try await bench.up()
            #expect(await bench.client.send(RedisCommand("PING")) == [.status("PONG")])
        }
    }

    @Test("a server that hangs is found out when nobody asks it anything, too")
    func hangingQuietly() async throws {
        let server = try OwnServer("quiet")
        defer { server.remove() }
        var limits = RedisLimits()
        (limits.answerTime, limits.quietTime) = (200_000_000, 100_000_000)
        try await withClient(server.url, channels: ["news"], limits) { bench in
            try await bench.up()
            // Long enough for pings to be answered, too.
            await bench.sleep(milliseconds: 500)
            #expect(bench.changes.withLock { $0.count } == 1)
            try await offLoop { try server.act("freeze") }
            try await bench.down()
            try await offLoop { try server.act("thaw") }
            try await bench.up()
        }
    }

    @Test("a wrong password is told in Redis' words, and nothing is sent")
    func wrongPassword() async throws {
        let url = try #require(TestServer.url)
        let loop = try EventLoop()
        let thread = loop.start(named: "test-loop")
        let blocking = BlockingPool(threads: 1, bound: 4)
        let fault = Locked("")
        let link = loop.spawn { @Sendable in
            guard let address = try? RedisAddress(url.replacing("swordfish", with: "guess")) else { return }
            let link = RedisLink(address, on: loop, blocking, RedisLimits(), changed: { _ in })
            let alarm = Alarm(on: loop)
            while link.fault == "not connected yet", !Task.isCancelled {
                link.tend()
                await alarm.sleep(nanoseconds: 5_000_000)
            }
            fault.withLock { $0 = link.fault }
            link.send([RedisCommand("PING")]) { #expect($0 == nil) }
            link.close()
        }
        await link.value
        loop.stop()
        thread.join()
        blocking.stop()
        #expect(fault.withLock { $0 }.hasPrefix("WRONGPASS"))
    }

    @Test("where nobody listens, and where no name is, there is no Redis", arguments: ["127.0.0.1:9", "no-such-host.invalid:6379"])
    func nowhere(place: String) async throws {
        try await withClient("redis://\(place)") { bench in
            await bench.sleep(milliseconds: 200)
            #expect(!bench.client.isUp)
            #expect(await bench.client.send(RedisCommand("PING")) == nil)
        }
    }

    @Test("more than may wait is refused, and what waits is answered")
    func full() async throws {
        var limits = RedisLimits()
        limits.mostQuestions = 10
        try await withClient(nil, limits) { bench in
            try await bench.up()
            let (answered, refused) = (Locked(0), Locked(0))
            for _ in 0..<50 {
                bench.client.send([RedisCommand("PING")]) { replies in
                    (replies == nil ? refused : answered).withLock { $0 += 1 }
                }
            }
            try await bench.wait { answered.withLock { $0 } + refused.withLock { $0 } == 50 }
            #expect(answered.withLock { $0 } == 10)
        }
    }

    /// A script blocks its thread, and the test runs on the loop that it watches.
    private func offLoop(_ work: @escaping @Sendable () throws -> Void) async throws {
        let pool = BlockingPool(threads: 1, bound: 1)
        defer { pool.stop() }
        try await pool.run(work)
    }
}
