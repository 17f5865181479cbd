import HTTP
import Loop
import Testing

@Suite("Too many connections") struct CrowdTests {
    @Test("are turned away with 503, and come in again when others have left", arguments: [1, 2]) func total(loops: Int) throws {
        try withServer(loops: loops, options: { $0.limits.connections = 2 }) { server in
            let first = try server.connect()
            let second = try server.connect()
            #expect(try first.get("/at-once/1").status == 200)
            #expect(try second.get("/at-once/1").status == 200)
            let third = try server.connect()
            let answer = try third.answer()
            #expect(answer.status == 503 && answer.error == "UNAVAILABLE" && answer["retry-after"] == "5" && answer.isLast)
            #expect(try third.rest() == "")
            second.close()
            #expect(eventually { server.server.meters.connections == 1 })
            #expect(try server.get("/at-once/1").status == 200)
            #expect(try first.get("/at-once/1").status == 200)
        }
    }

    @Test("of one address leave room for others") func perAddress() throws {
        try withServer(options: { $0.limits.connectionsPerAddress = 2 }) { server in
            let held = try (0..<2).map { _ in try server.connect() }
            for client in held { #expect(try client.get("/at-once/1").status == 200) }
            #expect(try server.connect().answer().status == 503)
            #expect(try server.connect(from: 0x7F00_0002).get("/at-once/1").status == 200)
            held[0].close()
            #expect(eventually { server.server.meters.connections == 2 })
            #expect(try server.connect().get("/at-once/1").status == 200)
        }
    }

    @Test("of one address are no bother when that is a proxy of ours") func proxy() throws {
        try withServer(options: {
            $0.limits.connectionsPerAddress = 1
            $0.proxies = TrustedProxies([IPNetwork(of: IPAddress(v4: 0x7F00_0001), prefix: 32)])
        }) { server throws in
            for _ in 0..<3 { #expect(try server.connect().get("/at-once/1").status == 200) }
            #expect(try server.connect(from: 0x7F00_0002).get("/at-once/1").status == 200)
            #expect(try server.connect(from: 0x7F00_0002).answer().status == 503)
        }
    }
}
