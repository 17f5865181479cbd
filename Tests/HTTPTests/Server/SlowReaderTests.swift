import Codec
import Glibc
import Loop
import Testing

@testable import HTTP

@Suite("A client that reads too slowly") struct SlowReaderTests {
    private static let answer = [UInt8](repeating: 7, count: 8 << 20)

    private func withAnswers(
        grace: Duration = .milliseconds(500), _ connections: Record<Connection>, _ body: (TestServer) throws -> Void
    ) throws {
        try withServer(
            options: { $0.limits.rateGrace = grace },
            routes: { routes in
                declareUsual(&routes)
                routes.raw(.get, "/large", .everyone, "Gives much", gives: .bytes) { request in
                    connections.note(request.connection)
                    return Response(.ok, type: .bytes, body: .bytes(Self.answer))
                }
            }, body)
    }

    /// What the kernel holds for the client, as the system's table tells it.
    private func heldByKernel(port: UInt16, client: Client) throws -> Int {
        let table = try #require(fopen("/proc/net/tcp", "r"))
        defer { fclose(table) }
        var storage = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(client.descriptor, $0, &length) }
        }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), table) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
            guard words.count > 4, words[1].hasSuffix(":" + hex(port)), words[2].hasSuffix(":" + hex(UInt16(bigEndian: storage.sin_port)))
            else { continue }
            return Int(words[4].prefix(8), radix: 16) ?? 0
        }
        return 0
    }

    private func hex(_ port: UInt16) -> String {
        let text = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - text.count) + text
    }

    @Test("has little in the kernel, and hears of a reset") func reset() throws {
        let connections = Record<Connection>()
        try withAnswers(connections) { server in
            let client = try server.connect(receiveBuffer: 4096)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { connections.events.first?.stall != nil })
            #expect(try heldByKernel(port: server.server.address.port, client: client) < 512 * 1024)
            #expect(eventually { server.server.meters.connections == 0 })
            #expect(throws: Trouble.reset) { while try client.receiveMore() {} }
            #expect(try heldByKernel(port: server.server.address.port, client: client) == 0)
        }
    }

    @Test("counts as a connection while the kernel holds the end of its last answer, and not for ever") func lastAnswer() throws {
        let connections = Record<Connection>()
        try withAnswers(grace: .milliseconds(3000), connections) { server in
            let client = try server.connect(receiveBuffer: 4096)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(eventually { connections.events.count == 1 })
            // All but what the kernel takes at the end.
            var count = 0
            while count < Self.answer.count - 60_000 {
                client.received = []
                guard try client.receiveMore() else { break }
                count += client.received.count
            }
            #expect(eventually { connections.events[0].phase == .closing })
            // Longer than the last moment in which the client's own end is waited for.
            usleep(1_600_000)
            #expect(server.server.meters.connections == 1)
            #expect(eventually { server.server.meters.connections == 0 })
            #expect(throws: Trouble.reset) { while try client.receiveMore() {} }
        }
    }

    @Test("that keeps the rate gets all of its answer, over a line on which the kernel always holds some") func keepsRate() throws {
        let connections = Record<Connection>()
        try withAnswers(grace: .milliseconds(700), connections) { server in
            let client = try server.connect(receiveBuffer: 65_536)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            var count = 0
            while true {
                client.received = []
                // Below what wakes a writer within the grace: what counts is what the client takes.
                if count < 400_000 { usleep(100_000) }
                guard try client.receiveMore(atMost: count < 400_000 ? 16_384 : 1 << 20) else { break }
                count += client.received.count
            }
            #expect(count > Self.answer.count)
        }
    }

    @Test("of a session is told why, and then reset") func session() throws {
        try withServer(
            options: { $0.limits.rateGrace = .milliseconds(1000) },
            routes: { routes in
                routes.webSocket("/talk", .everyone, "Talks") { _ in
                    { socket in
                        socket.send(WebSocketMessage(.binary, [UInt8](repeating: 1, count: 900_000)))
                        while true { if case .end = await socket.next() { return } }
                    }
                }
            }
        ) { server in
            let trickle = try WebSocketClient(server.connect(receiveBuffer: 4096), "/talk")
            // A byte now and then is no rate.
            var bytes = 0
            while server.server.meters.connections > 0, bytes < 2000 {
                bytes += 1
                guard (try? trickle.client.receive(count: 1)) != nil else { break }
                usleep(20_000)
            }
            #expect(server.server.meters.connections == 0)
            #expect(throws: Trouble.reset) { while try trickle.client.receiveMore() {} }
        }
    }

    @Test("earns time with each byte, and never more than the grace") func floor() {
        var limits = Limits()
        limits.rateGrace = .seconds(10)
        limits.slowestRate = 500
        var floor = RateFloor(limits)
        floor.spend(9_000_000_000)
        #expect(floor.patience == 1_000_000_000)
        floor.earn(500, limits)
        #expect(floor.patience == 2_000_000_000)
        floor.earn(1 << 20, limits)
        #expect(floor.patience == 10_000_000_000)
        floor.spend(10_000_000_001)
        #expect(floor.patience == 0)
        limits.slowestRate = 0
        var none = RateFloor(limits)
        none.spend(.max - 1)
        #expect(none.patience == .max)
    }
}
