import Codec
import HTTP
import Loop
import Testing

@Suite("A stop") struct StopTests {
    private static func declareWait(_ routes: inout Routes, _ latch: Latch, _ isRunning: Flag) {
        declareUsual(&routes)
        routes.raw(.get, "/wait", .everyone, "Waits for the test", gives: .plainText) { _ in
            isRunning.raise()
            await latch.wait()
            return .text(.ok, "waited")
        }
    }

    @Test("lets handlers finish, and tells their clients that this was the last answer", arguments: [1, 2]) func finishes(loops: Int) throws
    {
        let latch = Latch()
        let isRunning = Flag()
        try withServer(loops: loops, routes: { Self.declareWait(&$0, latch, isRunning) }) { server in
            let client = try server.connect()
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isRunning.isRaised })
            server.beginStop()
            #expect(client.hearsNothing(milliseconds: 100))
            #expect(!server.hasEnded)
            latch.happen()
            let answer = try client.answer()
            #expect(answer.text == "waited" && answer.isLast)
            #expect(try client.rest() == "")
            #expect(eventually { server.hasEnded })
        }
    }

    @Test("answers what was already asked for on the same connection") func pipelined() throws {
        let latch = Latch()
        let isRunning = Flag()
        try withServer(routes: { Self.declareWait(&$0, latch, isRunning) }) { server in
            let client = try server.connect()
            try client.send(
                "GET /wait HTTP/1.1\r\nHost: a\r\n\r\nGET /later/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /at-once/2 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isRunning.isRaised })
            server.beginStop()
            latch.happen()
            #expect(try client.answer().text == "waited")
            #expect(try client.answer().json["count"]?.int == 1)
            let last = try client.answer()
            #expect(last.json["count"]?.int == 2 && last.isLast)
            #expect(try client.rest() == "")
        }
    }

    @Test("closes connections that ask nothing") func idle() throws {
        try withServer { server in
            let used = try server.connect()
            let silent = try server.connect()
            #expect(try used.get("/at-once/1").status == 200)
            #expect(eventually { server.server.meters.connections == 2 })
            server.beginStop()
            #expect(try used.rest() == "")
            #expect(try silent.rest() == "")
            #expect(eventually { server.hasEnded })
        }
    }

    @Test("does not wait for a head that began and does not end longer than it must") func halfHead() throws {
        try withServer(options: { $0.limits.shutdownGrace = .milliseconds(300) }) { server in
            let client = try server.connect()
            try client.send("GET / HT")
            #expect(eventually { server.server.meters.connections == 1 })
            server.beginStop()
            #expect(eventually { server.hasEnded })
        }
    }

    @Test("cuts handlers off that take longer than the grace") func grace() throws {
        let latch = Latch()
        let isRunning = Flag()
        let isCancelled = Flag()
        try withServer(
            options: { $0.limits.shutdownGrace = .milliseconds(300) },
            routes: { routes in
                routes.raw(.get, "/wait", .everyone, "Heeds its end", gives: .plainText) { _ in
                    isRunning.raise()
                    await withTaskCancellationHandler {
                        await latch.wait()
                    } onCancel: {
                        isCancelled.raise()
                        latch.happen()
                    }
                    return .text(.ok, "too late")
                }
            }
        ) { server in
            let client = try server.connect()
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isRunning.isRaised })
            server.beginStop()
            #expect(eventually { server.hasEnded })
            #expect(isCancelled.isRaised)
            #expect((try? client.answer()) == nil)
        }
    }

    @Test("accepts no one new") func refused() throws {
        try withServer { server throws in
            #expect(try server.get("/at-once/1").status == 200)
            server.beginStop()
            #expect(eventually { server.hasEnded })
            #expect(throws: Trouble.ended) { try server.connect() }
        }
    }

    @Test("under load leaves no request unanswered that came in", arguments: [1, 2]) func underLoad(loops: Int) throws {
        let answered = Locked(0)
        let unanswered = Record<String>()
        try withServer(loops: loops) { server in
            let port = server.server.address.port
            let threads = (0..<4).map { thread in
                Thread(named: "load-\(thread)") {
                    var number = 0
                    while true {
                        // A connection that is refused came too late; one that was taken must be answered, as long as it is used at once.
                        guard let client = try? Client(port: port) else { return }
                        defer { client.close() }
                        var isLast = false
                        var served = 0
                        while !isLast && served < 20 {
                            number += 1
                            do {
                                isLast = try client.get(number % 2 == 0 ? "/at-once/1" : "/later/1").isLast
                                answered.withLock { $0 += 1 }
                                served += 1
                            } catch {
                                // Between two requests an idle connection may be closed; before the first it may not.
                                if served == 0 { unanswered.note("\(error)") }
                                break
                            }
                        }
                    }
                }
            }
            #expect(eventually { answered.withLock { $0 } > 500 })
            server.beginStop()
            for thread in threads { thread.join() }
            #expect(eventually { server.hasEnded })
            #expect(unanswered.events == [])
        }
    }

    @Test("leaves nothing of the server behind") func leavesNothing() throws {
        weak var loop: EventLoop?
        weak var kept: Server?
        try withServer { server throws in
            loop = server.loops[0]
            kept = server.server
            #expect(try server.get("/later/1").status == 200)
        }
        #expect(eventually { loop == nil && kept == nil })
    }
}
