import Codec
import HTTP
import Loop
import Testing

@Suite("A connection") struct ConnectionTests {
    @Test("serves one request after another", arguments: [1, 2]) func keepAlive(loops: Int) throws {
        try withServer(loops: loops) { server in
            let client = try server.connect()
            for number in 0..<5 {
                let answer = try client.get(number % 2 == 0 ? "/at-once/\(number)" : "/later/\(number)")
                #expect(answer.status == 200 && answer["connection"] == nil)
                #expect(answer.json["count"]?.int == number)
            }
            #expect(server.server.meters.connections == 1)
        }
    }

    @Test("answers every request with a date, a length, a type and an id") func fields() throws {
        try withServer { server in
            let answer = try server.get("/at-once/1")
            #expect(answer.line == "HTTP/1.1 200 OK")
            #expect(answer["content-type"] == "application/json" && answer["x-content-type-options"] == "nosniff")
            #expect(answer["content-length"] == "\(answer.body.count)")
            #expect(answer["date"]?.hasSuffix(" GMT") == true && answer["date"]?.utf8.count == 29)
            #expect(answer["x-request-id"]?.utf8.count == 24)
        }
    }

    @Test("answers sixteen requests sent at once in their order, also when one of them waits", arguments: [1, 2])
    func pipelining(loops: Int) throws {
        let latch = Latch()
        try withServer(
            loops: loops,
            routes: { routes in
                declareUsual(&routes)
                routes.raw(.get, "/wait", .everyone, "Waits for the test", gives: .plainText) { _ in
                    await latch.wait()
                    return .text(.ok, "waited")
                }
            }
        ) { server in
            let client = try server.connect()
            let paths = (0..<16).map { $0 == 5 ? "/wait" : $0 % 3 == 0 ? "/later/\($0)" : "/at-once/\($0)" }
            try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for number in 0..<5 { #expect(try client.answer().json["count"]?.int == number) }
            #expect(client.hearsNothing(milliseconds: 50))
            latch.happen()
            #expect(try client.answer().text == "waited")
            for number in 6..<16 { #expect(try client.answer().json["count"]?.int == number) }
        }
    }

    @Test("answers a thousand requests sent at once, and leaves others their turn") func manyPipelined() throws {
        try withServer { server in
            let client = try server.connect()
            let other = try server.connect()
            try client.send(String(repeating: "GET /at-once/1 HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000))
            #expect(try other.get("/at-once/2").json["count"]?.int == 2)
            for _ in 0..<1000 { #expect(try client.answer().json["count"]?.int == 1) }
        }
    }

    @Test("reads a head that comes byte by byte") func byteByByte() throws {
        try withServer { server in
            let client = try server.connect()
            for byte in "GET /at-once/7 HTTP/1.1\r\nHost: a\r\n\r\n".utf8 { try client.send([byte]) }
            #expect(try client.answer().json["count"]?.int == 7)
        }
    }

    @Test("reads a head as large as may be") func largeHead() throws {
        try withServer { server in
            let client = try server.connect()
            let answer = try client.get("/at-once/1", "X: " + String(repeating: "a", count: 16_000))
            #expect(answer.status == 200)
            #expect(try client.get("/at-once/2").status == 200)
        }
    }

    @Test("is closed when the client asks for that", arguments: ["/at-once/1", "/later/1"]) func close(path: String) throws {
        try withServer { server in
            let client = try server.connect()
            let answer = try client.get(path, "Connection: close")
            #expect(answer.status == 200 && answer.isLast)
            #expect(try client.rest() == "")
        }
    }

    @Test("serves nothing behind a request that closes it") func afterClose() throws {
        try withServer { server in
            let client = try server.connect()
            try client.send("GET /at-once/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /at-once/2 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().json["count"]?.int == 1)
            #expect(try client.rest() == "")
        }
    }

    @Test("is closed after a request of HTTP/1.0", arguments: ["/at-once/1", "/later/1"]) func oldVersion(path: String) throws {
        try withServer { server in
            let client = try server.connect()
            try client.send("GET \(path) HTTP/1.0\r\n\r\n")
            let answer = try client.answer()
            #expect(answer.status == 200 && answer.isLast)
            #expect(try client.rest() == "")
        }
    }

    @Test("stays open in HTTP/1.0 when the client asks for that") func oldVersionKept() throws {
        try withServer { server in
            let client = try server.connect()
            for _ in 0..<2 {
                try client.send("GET /at-once/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try client.answer()["connection"] == "keep-alive")
            }
        }
    }

    @Test("answers what is no request, and is closed") func malformed() throws {
        try withServer { server in
            for (text, status, word) in [
                ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "BAD_REQUEST"), ("GET / HTTP/1.1\n", 400, "BAD_REQUEST"),
                ("GET /\(String(repeating: "a", count: 9000))", 414, "URI_TOO_LONG"),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 20_000))", 431, "HEADERS_TOO_LARGE"),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 200_000))", 431, "HEADERS_TOO_LARGE"),
                ("GET / HTTP/1.1\r\n\(String(repeating: "X: a\r\n", count: 101))\r\n", 431, "HEADERS_TOO_LARGE"),
            ] {
                let client = try server.connect()
                try client.send(text)
                let answer = try client.answer()
                #expect(answer.status == status && answer.error == word && answer.isLast)
                #expect(answer.json["request_id"]?.string == answer["x-request-id"])
                #expect(try client.rest() == "")
            }
        }
    }

    @Test("answers the good requests before a bad one") func goodThenBad() throws {
        try withServer { server in
            let client = try server.connect()
            try client.send("GET /at-once/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /later/2 HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n")
            #expect(try client.answer().json["count"]?.int == 1)
            #expect(try client.answer().json["count"]?.int == 2)
            #expect(try client.answer().status == 400)
            #expect(try client.rest() == "")
        }
    }

    @Test("answers a client that has ended its side") func halfClose() throws {
        let latch = Latch()
        let isRunning = Flag()
        try withServer(routes: { routes in
            routes.raw(.get, "/wait", .everyone, "Waits for the test", gives: .plainText) { _ in
                isRunning.raise()
                await latch.wait()
                return .text(.ok, Task.isCancelled ? "cancelled" : "waited")
            }
        }) { server in
            let client = try server.connect()
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\nGET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            client.endSending()
            #expect(eventually { isRunning.isRaised })
            latch.happen()
            #expect(try client.answer().text == "waited")
            #expect(try client.answer().text == "waited")
            #expect(try client.rest() == "")
        }
    }

    @Test("cancels the handler of a client that went away with a reset") func reset() throws {
        let latch = Latch()
        let isRunning = Flag()
        let isCancelled = Flag()
        try withServer(routes: { routes in
            routes.raw(.get, "/wait", .everyone, "Waits for the test", gives: .plainText) { _ in
                isRunning.raise()
                await withTaskCancellationHandler {
                    await latch.wait()
                } onCancel: {
                    isCancelled.raise()
                    latch.happen()
                }
                return .text(.ok, "waited")
            }
        }) { server in
            let client = try server.connect()
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isRunning.isRaised })
            client.reset()
            #expect(eventually { isCancelled.isRaised })
            #expect(eventually { server.server.meters.connections == 0 })
        }
    }
}
