import Clients
import Codec
import Glibc
import HTTP
import Loop
import Testing

private func declareUsual(_ routes: inout Routes) {
    routes.raw(.get, "/hello", .everyone, "Greets", gives: .plainText) { _ in
        Response.text(.ok, "hello").adding("X-Empty", "").adding("X-Word", "one, two")
    }
    routes.raw(.get, "/large", .everyone, "Sends 10,000 bytes, and says so", gives: .bytes) { _ in
        Response(.ok, type: .bytes, body: .bytes([UInt8](repeating: 7, count: 10_000)))
    }
    routes.raw(.get, "/pieces", .everyone, "Sends 10,000 bytes, piece by piece", gives: .bytes) { _ in
        Response(
            .ok, type: .bytes, body: .stream { writer in for _ in 0..<100 { try await writer.write([UInt8](repeating: 7, count: 100)) } })
    }
    routes.raw(.get, "/away", .everyone, "Sends elsewhere", gives: .plainText, status: .seeOther) { _ in
        Response.text(.seeOther, "look there").adding("Location", "/hello")
    }
    routes.raw(.post, "/echo", .everyone, "Says what it was sent", gives: .plainText) { request in
        let type = request.withField(.contentType) { String(decoding: $0, as: UTF8.self) } ?? "none"
        let key = request.withField(.idempotencyKey) { String(decoding: $0, as: UTF8.self) } ?? "none"
        let body = try await request.wholeBody(upTo: 2 << 20)
        return .text(.ok, "\(type) \(key) \(body.array.count) \(Hex.encode(SHA256.digest(body.array)))")
    }
}

private func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

@Suite("HTTP client") struct HTTPClientTests {
    @Test("gets an answer: its status, its fields, its body") func good() async throws {
        try await withServer(routes: declareUsual) { bench in
            let answer = try await bench.client().get(bench.url("/hello"))
            #expect(answer.status == 200 && text(answer) == "hello")
            #expect(answer["content-type"] == "text/plain; charset=utf-8" && answer["x-word"] == "one, two")
            #expect(answer["x-empty"] == "" && answer["x-none"] == nil)
        }
    }

    @Test("sends a body with its type and fields", arguments: [0, 5, 1_500_000]) func post(count: Int) async throws {
        try await withServer(routes: declareUsual) { bench in
            let body = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            var call = HTTPCall.post(bench.url("/echo"), body, type: "application/x-test")
            call.fields.append(("Idempotency-Key", "an event: 7"))
            let answer = try await bench.client().send(call)
            #expect(text(answer) == "application/x-test an event: 7 \(count) \(Hex.encode(SHA256.digest(body)))")
        }
    }

    @Test("makes many calls at once, and uses its connections again") func many() async throws {
        try await withServer(routes: declareUsual) { bench in
            let client = try bench.client()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 { group.addTask { try await client.get(bench.url("/large")).body.count } }
                for try await count in group { #expect(count == 10_000) }
            }
            for _ in 0..<50 { #expect(try await client.get(bench.url("/pieces")).body.count == 10_000) }
            #expect(bench.server.meters.connections <= 8)
        }
    }

    @Test("a caller on another loop gets its answer, and stays where it is") func elsewhere() async throws {
        try await withServer(routes: declareUsual) { bench in
            let client = try bench.client()
            try await onLoop { other in
                let answer = try await client.get(bench.url("/hello"))
                #expect(answer.status == 200 && other.isCurrent && !bench.loop.isCurrent)
            }
            #expect(bench.loop.isCurrent)
        }
    }

    @Test("an answer that says no is an answer") func notFound() async throws {
        try await withServer(routes: declareUsual) { bench in
            let answer = try await bench.client().get(bench.url("/nowhere"))
            #expect(answer.status == 404)
        }
    }

    @Test("a redirect is told and not followed") func redirect() async throws {
        try await withServer(routes: declareUsual) { bench in
            let answer = try await bench.client().get(bench.url("/away"))
            #expect(answer.status == 303 && answer["location"] == "/hello" && text(answer) == "look there")
        }
    }

    @Test("a body of the largest size is taken and one byte more is not, announced or not", arguments: ["/large", "/pieces"])
    func tooLarge(path: String) async throws {
        try await withServer(routes: declareUsual) { bench in
            let answer = try await bench.client { $0.largestBody = 10_000 }.get(bench.url(path))
            #expect(answer.body.count == 10_000)
            let found = await fault { _ = try await bench.client { $0.largestBody = 9_999 }.get(bench.url(path)) }
            #expect(found == .tooLarge)
        }
    }

    @Test("a head without end is cut off") func endlessHead() async throws {
        let listener = try BareListener()
        let thread = listener.answer { caller in
            BareListener.send("HTTP/1.1 200 OK\r\n", to: caller)
            while BareListener.send("X-More: \(String(repeating: "x", count: 1000))\r\n", to: caller) {}
        }
        try await onLoop { loop in
            #expect(await fault { _ = try await HTTPClient(on: loop).get(listener.url) } == .tooLarge)
        }
        thread.join()
    }

    @Test("what came before the real head does not count") func interim() async throws {
        let listener = try BareListener()
        let thread = listener.answer { caller in
            let words = "HTTP/1.1 103 Early Hints\r\nX-Word: early\r\n\r\nHTTP/1.1 200 OK\r\nX-Word:late \r\nContent-Length: 2\r\n\r\nok"
            BareListener.send(words, to: caller)
        }
        try await onLoop { loop in
            let answer = try await HTTPClient(on: loop).get(listener.url)
            #expect(answer.status == 200 && answer["x-word"] == "late" && text(answer) == "ok")
        }
        thread.join()
    }

    @Test(
        "what is no HTTP is no answer, nor is one that breaks off",
        arguments: ["220 mail.example ESMTP\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
    func broken(words: String) async throws {
        let listener = try BareListener()
        let thread = listener.answer { BareListener.send(words, to: $0) }
        try await onLoop { loop in
            guard case .broken(let why)? = await fault({ _ = try await HTTPClient(on: loop).get(listener.url) }) else {
                Issue.record("it was taken")
                return
            }
            #expect(!why.isEmpty)
        }
        thread.join()
    }

    @Test("one that does not answer is given up") func slow() async throws {
        let listener = try BareListener()
        try await onLoop { loop in
            var rules = HTTPClientRules()
            rules.whole = .milliseconds(200)
            let client = try HTTPClient(on: loop, rules)
            #expect(await fault { _ = try await client.get(listener.url) } == .timedOut)
        }
    }

    @Test("nobody listens there") func refused() async throws {
        let listener = try BareListener(hears: false)
        try await onLoop { loop in
            #expect(await fault { _ = try await HTTPClient(on: loop).get(listener.url) } == .unreachable)
        }
    }

    @Test("a name without an address") func unknownHost() async throws {
        try await onLoop { loop in
            // A name that never exists (RFC 6761); libcurl answers for it without asking anybody when it is not a name at all.
            #expect(await fault { _ = try await HTTPClient(on: loop).get("http://nobody.invalid/") } == .unknownHost)
        }
    }

    @Test("an address that may not be called is never connected to") func peerRefused() async throws {
        let listener = try BareListener()
        try await onLoop { loop in
            let asked = Record<IPAddress>()
            var rules = HTTPClientRules()
            rules.admits = { address in
                asked.note(address)
                return address.isPublic
            }
            let client = try HTTPClient(on: loop, rules)
            #expect(await fault { _ = try await client.get(listener.url) } == .peerRefused)
            #expect(asked.events == [IPAddress(v4: 0x7F00_0001)])
            let found = await fault { _ = try await client.get("http://[::1]:\(listener.address.port)/") }
            #expect(found == .peerRefused && asked.events.last == IPAddress(v6: 1))
            #expect(listener.accept() == nil)
        }
    }

    @Test(
        "what is no address of HTTP is not called",
        arguments: [
            "", "localhost", "127.0.0.1/", "http://", "https:///path", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:0x50/",
            "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\0", "gopher://127.0.0.1/",
        ])
    func malformed(url: String) async throws {
        try await onLoop { loop in #expect(await fault { _ = try await HTTPClient(on: loop).get(url) } == .malformed) }
    }

    @Test(
        "a field that would break the head is not sent",
        arguments: [("X", "a\r\nY: b"), ("X", "a\0"), ("", "a"), ("X:", "a"), ("X Y", "a")])
    func badField(name: String, value: String) async throws {
        try await onLoop { loop in
            var call = HTTPCall.get("http://127.0.0.1/")
            call.fields.append((name, value))
            let found = await fault { _ = try await HTTPClient(on: loop).send(call) }
            #expect(found == .malformed)
        }
    }
}

@Suite("HTTP client over TLS") struct HTTPClientTLSTests {
    @Test("speaks to one whom the authorities vouch for") func trusted() async throws {
        let certificate = try Certificate(for: "IP:127.0.0.1")
        let file = certificate.file
        try await withServer(tls: certificate.identity(), routes: declareUsual) { bench in
            let client = try bench.client { $0.authorities = file }
            #expect(try await text(client.get(bench.url("/hello"))) == "hello")
            #expect(try await client.get(bench.url("/pieces")).body.count == 10_000)
        }
        _ = consume certificate
    }

    @Test("refuses one whom nobody vouches for") func selfSigned() async throws {
        let certificate = try Certificate(for: "IP:127.0.0.1")
        try await withServer(tls: certificate.identity(), routes: declareUsual) { bench in
            try await expectUntrusted { _ = try await bench.client().get(bench.url("/hello")) }
        }
    }

    @Test("refuses one with somebody else's certificate") func otherName() async throws {
        let certificate = try Certificate(for: "DNS:example.org")
        let file = certificate.file
        try await withServer(tls: certificate.identity(), routes: declareUsual) { bench in
            try await expectUntrusted { _ = try await bench.client { $0.authorities = file }.get(bench.url("/hello")) }
        }
        _ = consume certificate
    }

    @Test("refuses one that speaks no TLS") func plain() async throws {
        try await withServer(routes: declareUsual) { bench in
            try await expectUntrusted { _ = try await bench.client().get("https://\(bench.server.address)/hello") }
        }
    }

    private func expectUntrusted(_ body: () async throws -> Void) async throws {
        guard case .untrusted(let why)? = await fault(body) else {
            Issue.record("it was trusted")
            return
        }
        #expect(!why.isEmpty)
    }
}

@Suite("Cancelling a call") struct CancelledCallTests {
    @Test("ends it, and its connection") func running() async throws {
        let listener = try BareListener()
        try await onLoop { loop in
            let client = try HTTPClient(on: loop)
            let task = Task(executorPreference: loop) { await fault { _ = try await client.get(listener.url) } }
            var caller: Int32?
            #expect(
                await loop.eventually {
                    if caller == nil { caller = listener.accept() }
                    return caller.map { !BareListener.read($0).isEmpty } ?? false
                })
            task.cancel()
            #expect(await task.value == .cancelled)
            let connection = try #require(caller)
            #expect(await loop.eventually { BareListener.hasGone(connection) })
            Socket.close(connection)
        }
    }

    @Test("before it has begun keeps it from beginning, wherever the caller is") func early() async throws {
        let listener = try BareListener()
        try await onLoop { loop in
            let client = try HTTPClient(on: loop)
            let here = Task(executorPreference: loop) { await fault { _ = try await client.get(listener.url) } }
            here.cancel()
            #expect(await here.value == .cancelled)
            try await onLoop { other in
                let there = Task(executorPreference: other) { await fault { _ = try await client.get(listener.url) } }
                there.cancel()
                #expect(await there.value == .cancelled)
            }
        }
    }

    @Test("leaves the other calls alone") func others() async throws {
        let listener = try BareListener()
        try await withServer(routes: declareUsual) { bench in
            let client = try bench.client()
            let task = Task(executorPreference: bench.loop) { await fault { _ = try await client.get(listener.url) } }
            for _ in 0..<5 { #expect(try await client.get(bench.url("/hello")).status == 200) }
            task.cancel()
            #expect(try await client.get(bench.url("/hello")).status == 200)
            #expect(await task.value == .cancelled)
        }
    }
}
