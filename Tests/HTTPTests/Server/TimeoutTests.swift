import Codec
import Glibc
import HTTP
import Loop
import Testing

/// What happens when somebody is too slow, and in which order; never how fast.
@Suite("A time-out") struct TimeoutTests {
    @Test("answers a head that comes too slowly with 408, and ends the connection", arguments: [true, false]) func slowHead(isFirst: Bool)
        throws
    {
        try withServer(options: { $0.limits.headerTimeout = .milliseconds(300) }) { server in
            let client = try server.connect()
            if !isFirst { #expect(try client.get("/at-once/1").status == 200) }
            try client.send("GET /at-once/1 HT")
            let answer = try client.answer()
            #expect(answer.status == 408 && answer.error == "REQUEST_TIMEOUT" && answer.isLast)
            #expect(try client.rest() == "")
        }
    }

    @Test("counts from a head's first byte, so that drops of it win nothing") func drippingHead() throws {
        try withServer(options: { $0.limits.headerTimeout = .milliseconds(400) }) { server in
            let client = try server.connect()
            try client.send("GET /at-once/1 HTTP/1.1\r\nHost: a\r\n")
            var drops = 0
            while client.hearsNothing(milliseconds: 50), drops < 1000 {
                drops += 1
                if (try? client.send("X: a\r\n")) == nil { break }
            }
            #expect(try client.answer().status == 408)
        }
    }

    @Test("lets a client that connects and says nothing go without an answer") func silent() throws {
        try withServer(options: { $0.limits.headerTimeout = .milliseconds(300) }) { server in
            let client = try server.connect()
            #expect(try client.rest() == "")
        }
    }

    @Test("lets a connection go on which nothing more is asked") func idle() throws {
        try withServer(options: { $0.limits.idleTimeout = .milliseconds(300) }) { server in
            for path in ["/at-once/1", "/later/1"] {
                let client = try server.connect()
                #expect(try client.get(path).status == 200)
                #expect(try client.rest() == "")
            }
        }
    }

    @Test("that passes while the next request comes in does not touch that request, nor its loop") func idleRace() throws {
        let isHeld = Flag()
        try withServer(
            options: { $0.limits.idleTimeout = .milliseconds(200) },
            routes: { routes in
                declareUsual(&routes)
                routes.raw(.get, "/hold", .everyone, "Holds up the loop past several deadlines", gives: .plainText) { _ in
                    isHeld.raise()
                    usleep(700_000)
                    return .text(.ok, "held")
                }
            }
        ) { server in
            for (path, field) in [("/pieces", ""), ("/pieces", "Transfer-Encoding: chunked\r\n")] {
                let client = try server.connect()
                let holder = try server.connect()
                #expect(try client.get("/at-once/1").status == 200)
                try holder.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(eventually { isHeld.isRaised })
                // When the loop goes on, it finds the request and the passed deadline in the same turn.
                let length = field.isEmpty ? "Content-Length: 10\r\n" : field
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(length)\r\n")
                #expect(try holder.answer().text == "held")
                try client.send(field.isEmpty ? "0123456789" : "a\r\n0123456789\r\n0\r\n\r\n")
                #expect(try client.answer().text == describe(Array("0123456789".utf8)))
                #expect(try client.get("/at-once/2").status == 200)
                isHeld.lower()
            }
        }
    }

    @Test("answers a body that comes too slowly with 408, and ends the connection", arguments: ["/size", "/pieces", "/notes"])
    func slowBody(path: String) throws {
        try withServer(options: { $0.limits.rateGrace = .milliseconds(300) }) { server in
            let client = try server.connect()
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            let answer = try client.answer()
            #expect(answer.status == 408 && answer.error == "REQUEST_TIMEOUT" && answer.isLast)
            #expect(try client.rest() == "")
        }
    }

    @Test("ends a connection on which the rest of a body that nobody wants does not come") func slowUnread() throws {
        try withServer(options: { $0.limits.rateGrace = .milliseconds(300) }) { server in
            let client = try server.connect()
            try client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            #expect(try client.answer().text == "ignored")
            #expect(try client.rest() == "")
        }
    }

    @Test("spares a client whose handler is the slow one") func slowHandler() throws {
        let latch = Latch()
        let isThinking = Flag()
        try withServer(
            options: { $0.limits.rateGrace = .milliseconds(1000) },
            routes: { routes in
                routes.raw(.post, "/ponder", .everyone, "Thinks between two pieces", gives: .plainText) { request in
                    _ = try await request.nextPiece()
                    isThinking.raise()
                    await latch.wait()
                    _ = try await request.nextPiece()
                    return .text(.ok, "done")
                }
            }
        ) { server in
            let client = try server.connect()
            try client.send("POST /ponder HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
            usleep(20_000)
            try client.send("1")
            #expect(eventually { isThinking.isRaised })
            usleep(1_200_000)
            latch.happen()
            // Longer than it takes the server to look at its deadlines, and far within the grace.
            usleep(400_000)
            try client.send("2")
            #expect(try client.answer().text == "done")
        }
    }

    @Test("drops a client that does not read its answer, which cost little memory meanwhile") func slowReader() throws {
        let written = Locked(0)
        let lost = Flag()
        try withServer(
            options: { $0.limits.rateGrace = .milliseconds(300) },
            routes: { routes in
                routes.raw(.get, "/endless", .everyone, "Never ends", gives: .bytes) { _ in
                    Response(
                        .ok, type: .bytes,
                        body: .stream { out in
                            let block = [UInt8](repeating: 7, count: 65_536)
                            do {
                                while true {
                                    try await out.write(block)
                                    written.withLock { $0 += block.count }
                                }
                            } catch {
                                lost.raise()
                                throw error
                            }
                        })
                }
            }
        ) { server in
            let client = try server.connect(receiveBuffer: 16_384)
            try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { lost.isRaised })
            // What the system's buffers take, and a little more.
            #expect(written.withLock { $0 } < 16 << 20)
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }
}
