import Codec
import HTTP
import Loop
import Testing

@Suite("A request's body") struct BodyTests {
    private static func chunked(_ body: [UInt8], by size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: size) {
            let part = body[start..<min(start + size, body.count)]
            bytes += Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10]
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    @Test("is read whole or in pieces, small or large", arguments: ["/size", "/pieces"], [0, 1, 5000, 1 << 20])
    func length(path: String, count: Int) throws {
        try withServer { server in
            let client = try server.connect()
            let body = noise(count)
            for _ in 0..<2 {
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n")
                try client.send(body)
                #expect(try client.answer().text == describe(body))
            }
        }
    }

    @Test("is read from chunks, and the next request behind them", arguments: ["/size", "/pieces"], [0, 1, 5000, 1 << 20])
    func chunks(path: String, count: Int) throws {
        try withServer { server in
            let client = try server.connect()
            let body = noise(count)
            for size in [1 << 20, 1021] {
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                try client.send(Self.chunked(body, by: size) + Array("GET /at-once/1 HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                #expect(try client.answer().text == describe(body))
                #expect(try client.answer().json["count"]?.int == 1)
            }
        }
    }

    @Test("comes byte by byte") func byteByByte() throws {
        try withServer { server in
            let client = try server.connect()
            let bytes = Array("POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8) + Self.chunked(noise(40), by: 7)
            for byte in bytes { try client.send([byte]) }
            #expect(try client.answer().text == describe(noise(40)))
        }
    }

    @Test("that is announced too large is refused before it is sent") func announcedTooLarge() throws {
        try withServer { server in
            for path in ["/size", "/pieces", "/notes"] {
                let client = try server.connect()
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \((2 << 20) + 1)\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == 413 && answer.error == "PAYLOAD_TOO_LARGE" && answer.isLast)
                client.endSending()
                #expect(try client.rest() == "")
            }
        }
    }

    @Test("that grows too large is refused at the first byte too many") func growsTooLarge() throws {
        try withServer(options: { $0.limits.body = 1000 }) { server in
            let client = try server.connect()
            try client.send("POST /notes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3E8\r\n")
            try client.send([UInt8](repeating: 0x20, count: 1000))
            #expect(client.hearsNothing(milliseconds: 50))
            try client.send("\r\n1\r\n ")
            let answer = try client.answer()
            #expect(answer.status == 413 && answer.isLast)
            client.endSending()
            #expect(try client.rest() == "")
        }
    }

    @Test("that is just as large as may be is taken") func justRight() throws {
        let body = "{\"title\":\"a\"}"
        try withServer(options: { $0.limits.body = body.utf8.count }) { server throws in
            #expect(try server.post("/notes", body).status == 201)
            #expect(try server.post("/notes", body + " ").status == 413)
        }
    }

    @Test("that is malformed is refused, and the connection closed") func malformed() throws {
        try withServer { server in
            for path in ["/size", "/pieces", "/notes"] {
                let client = try server.connect()
                try client.send(
                    "POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\nGET /at-once/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                )
                let answer = try client.answer()
                #expect(answer.status == 400 && answer.error == "BAD_REQUEST" && answer.isLast)
                #expect(try client.rest() == "")
            }
        }
    }

    @Test("that nobody reads makes its client wait") func backPressure() throws {
        let latch = Latch()
        let size = 48 << 20
        try withServer(routes: { routes in
            routes.raw(.post, "/slow", .everyone, "Reads when the test says so", gives: .plainText) { request in
                try request.allowBody(upTo: size)
                await latch.wait()
                var count = 0
                while let piece = try await request.nextPiece() { count += piece.count }
                return .text(.ok, "\(count)")
            }
        }) { server in
            let client = try server.connect()
            try client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            let body = [UInt8](repeating: 1, count: size)
            let sent = client.sendUntilStuck(body)
            // The system's own buffers hold a few megabytes; ours hold eight kilobytes.
            #expect(sent < size)
            latch.happen()
            try client.send(Array(body[sent...]))
            #expect(try client.answer().text == "\(size)")
        }
    }

    @Test("that a handler left is read past when it is small") func unreadSmall() throws {
        try withServer { server in
            let client = try server.connect()
            for path in ["/ignore", "/nowhere", "/at-once/1"] {
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
                let answer = try client.answer()
                #expect(!answer.isLast)
                try client.send([UInt8](repeating: 0x47, count: 60_000))
                #expect(try client.get("/at-once/2").json["count"]?.int == 2)
            }
        }
    }

    @Test(
        "that a handler left ends the connection when it is large or of unknown length",
        arguments: [
            "Content-Length: 500000", "Transfer-Encoding: chunked",
        ])
    func unreadLarge(field: String) throws {
        try withServer { server in
            let client = try server.connect()
            try client.send("POST /ignore HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
            try client.send([UInt8](repeating: 0x47, count: 500_000))
            let answer = try client.answer()
            #expect(answer.text == "ignored" && answer.isLast)
            client.endSending()
            #expect(try client.rest() == "")
        }
    }

    @Test("that is cut off ends its connection, and the handler hears of it") func cut() throws {
        let lost = Flag()
        try withServer(routes: { routes in
            routes.raw(.post, "/read", .everyone, "Reads", gives: nil) { request in
                do {
                    while try await request.nextPiece() != nil {}
                } catch is ConnectionLost {
                    lost.raise()
                    throw ConnectionLost()
                }
                return Response(.noContent)
            }
        }) { server in
            let ends: [(Client) -> Void] = [{ $0.endSending() }, { $0.reset() }]
            for end in ends {
                let client = try server.connect()
                try client.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
                end(client)
                #expect(eventually { lost.isRaised })
                #expect(eventually { server.server.meters.connections == 0 })
            }
        }
    }

    // MARK: - Expect: 100-continue

    @Test("is asked for when the handler reads it") func continued() throws {
        let latch = Latch()
        try withServer(routes: { routes in
            routes.raw(.post, "/wait", .everyone, "Reads when the test says so", gives: .plainText) { request in
                await latch.wait()
                return .text(.ok, try await request.wholeBody(upTo: 100).text)
            }
        }) { server in
            let client = try server.connect()
            try client.send("POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.hearsNothing(milliseconds: 50))
            latch.happen()
            #expect(try client.answer().line == "HTTP/1.1 100 Continue")
            try client.send("hello")
            #expect(try client.answer().text == "hello")
            #expect(try client.post("/wait", "again").text == "again")
        }
    }

    @Test("is not asked for when the client sends it unasked") func unasked() throws {
        try withServer { server in
            let client = try server.connect()
            try client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
            #expect(try client.answer().text == describe(Array("hello".utf8)))
        }
    }

    @Test("is not asked for when nobody reads it, and then ends the connection") func notContinued() throws {
        try withServer { server in
            for (path, length, status) in [("/ignore", 5, 200), ("/nowhere", 5, 404), ("/size", 9_000_000, 413)] {
                let client = try server.connect()
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\nExpect: 100-continue\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == status && answer.isLast)
                client.endSending()
                #expect(try client.rest() == "")
            }
        }
    }

    private static func declareBoth(_ routes: inout Routes) {
        routes.raw(.post, "/both", .everyone, "Answers before it reads", gives: .plainText) { request in
            nonisolated(unsafe) let request = request  // It stays on its loop.
            return Response(
                .ok, type: .plainText,
                body: .stream { out in
                    try await out.write(Array("before ".utf8))
                    try await out.write(try await request.wholeBody(upTo: 100).array)
                })
        }
    }

    @Test("is not asked for once the answer has begun") func notInsideAnAnswer() throws {
        try withServer(routes: Self.declareBoth) { server in
            let client = try server.connect()
            try client.send("POST /both HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.receive(upTo: "before ").contains("HTTP/1.1 200 OK"))
            try client.send("hello")
            #expect(!(try client.receive(upTo: "hello")).contains("100 Continue"))
        }
    }

    @Test("can come while the answer is being made", arguments: ["1.0", "1.1"]) func whileAnswering(version: String) throws {
        try withServer(routes: Self.declareBoth) { server in
            let client = try server.connect()
            try client.send("POST /both HTTP/\(version)\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
            #expect(try client.receive(upTo: "before ").contains("HTTP/1.1 200 OK"))
            try client.send("hello")
            _ = try client.receive(upTo: "hello")
        }
    }

    @Test("with another expectation is refused") func otherExpectation() throws {
        try withServer { server throws in
            #expect(try server.post("/size", "hello", "Expect: 200-ok").status == 417)
        }
    }
}
