import Codec
import Glibc
import HTTP
import Loop
import Testing

@Suite("An answer") struct AnswerTests {
    @Test("to HEAD is the one to GET without its body") func head() throws {
        try withServer(routes: { routes in
            declareUsual(&routes)
            routes.raw(.get, "/long", .everyone, "Long", gives: .bytes) { _ in Response(.ok, type: .bytes, body: .bytes(noise(100_000))) }
            routes.raw(.get, "/stream", .everyone, "Made while it is sent", gives: .bytes) { _ in
                Response(.ok, type: .bytes, body: .stream { try await $0.write([1, 2, 3]) })
            }
            routes.raw(.get, "/embedded", .everyone, "Part of the program", gives: .bytes) { _ in
                Response(.ok, type: .bytes, body: .embedded(Self.asset))
            }
        }) { server in
            let client = try server.connect()
            for path in ["/at-once/1", "/later/1", "/long", "/stream", "/embedded", "/nowhere"] {
                let get = try client.get(path)
                try client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = try client.answer(to: "HEAD")
                #expect(head.status == get.status)
                for name in ["content-type", "content-length", "transfer-encoding"] { #expect(head[name] == get[name], "\(path) \(name)") }
            }
        }
    }

    // Never freed, as the bytes of a program are not.
    private static let asset = {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 3_000_000, alignment: 1)
        memory.copyBytes(from: noise(3_000_000))
        return EmbeddedBytes(constant: UnsafeRawBufferPointer(memory))
    }()

    @Test("of any length comes whole", arguments: [0, 1, 1024, 1025, 16_384, 16_385, 131_072, 131_073, 5_000_000]) func lengths(count: Int)
        throws
    {
        try withServer(routes: { routes in
            routes.raw(.get, "/bytes", .everyone, "Bytes", gives: .bytes) { _ in Response(.ok, type: .bytes, body: .bytes(noise(count))) }
        }) { server in
            let client = try server.connect()
            for _ in 0..<2 { #expect(try client.get("/bytes").body == noise(count)) }
        }
    }

    @Test("can be bytes of the program") func embedded() throws {
        try withServer(routes: { routes in
            routes.raw(.get, "/embedded", .everyone, "Part of the program", gives: .bytes) { _ in
                Response(.ok, type: .bytes, body: .embedded(Self.asset))
            }
        }) { server in
            let client = try server.connect(receiveBuffer: 16_384)
            try client.send(String(repeating: "GET /embedded HTTP/1.1\r\nHost: a\r\n\r\n", count: 2))
            for _ in 0..<2 { #expect(try client.answer().body == noise(3_000_000)) }
        }
    }

    @Test("never lets a value begin a field of its own") func fieldInjection() throws {
        try withServer(routes: { routes in
            routes.raw(.get, "/named", .everyone, "A name", gives: nil) { _ in
                Response(.noContent, fields: [.init("x-name", "a\r\nx-evil: b\n\u{0}c")])
            }
        }) { server in
            let answer = try server.get("/named")
            #expect(answer["x-name"] == "a  x-evil: b  c" && answer["x-evil"] == nil)
        }
    }

    // MARK: - Streams

    private static func declareStream(_ routes: inout Routes) {
        declareUsual(&routes)
        routes.raw(.get, "/stream", .everyone, "Made while it is sent", gives: .plainText) { _ in
            Response(
                .ok, type: .plainText,
                body: .stream { out in
                    for number in 0..<20 {
                        try await out.write(Array("\(number);".utf8))
                        try await out.write([])
                        await Task.yield()
                    }
                })
        }
        routes.raw(.get, "/broken", .everyone, "Fails halfway", gives: .plainText) { _ in
            Response(
                .ok, type: .plainText,
                body: .stream { out in
                    try await out.write(Array("half".utf8))
                    throw Mishap()
                })
        }
    }

    private struct Mishap: Error {}
    private static let streamed = (0..<20).map { "\($0);" }.joined()

    @Test("made while it is sent comes in chunks, and the connection goes on") func chunked() throws {
        try withServer(routes: Self.declareStream) { server in
            let client = try server.connect()
            for _ in 0..<2 {
                let answer = try client.get("/stream")
                #expect(answer["transfer-encoding"] == "chunked" && answer["content-length"] == nil && answer.text == Self.streamed)
            }
        }
    }

    @Test("made while it is sent ends with the connection in HTTP/1.0, whatever the client hoped for") func closeDelimited() throws {
        try withServer(routes: Self.declareStream) { server in
            let client = try server.connect()
            try client.send(String(repeating: "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", count: 2))
            let answer = try client.answer()
            #expect(answer["transfer-encoding"] == nil && answer["content-length"] == nil && answer.isLast)
            #expect(answer.text == Self.streamed)
        }
    }

    @Test("that fails halfway cannot be taken for a whole one") func halfway() throws {
        try withServer(routes: Self.declareStream) { server in
            let client = try server.connect()
            #expect(throws: Trouble.self) { try client.get("/broken") }
            #expect(try server.get("/at-once/1").status == 200)
        }
    }

    @Test("waits for a slow reader, and then comes whole") func slowReader() throws {
        let written = Locked(0)
        let size = 32 << 20
        try withServer(routes: { routes in
            routes.raw(.get, "/large", .everyone, "Large", gives: .bytes) { _ in
                Response(
                    .ok, type: .bytes,
                    body: .stream { out in
                        let block = [UInt8](repeating: 7, count: 65_536)
                        for _ in 0..<size / block.count {
                            try await out.write(block)
                            written.withLock { $0 += block.count }
                        }
                    })
            }
        }) { server in
            let client = try server.connect(receiveBuffer: 16_384)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            // Our side has stopped sending once two looks at it see the same.
            var before = -1
            #expect(
                eventually {
                    usleep(50_000)
                    defer { before = written.withLock { $0 } }
                    return written.withLock { $0 } == before
                })
            #expect(written.withLock { $0 } < size)
            #expect(try client.answer().body.count == size)
        }
    }

    // MARK: - gzip

    private static let text = String(repeating: "{\"title\":\"Printer on fire\"},", count: 60)

    private static func declarePages(_ routes: inout Routes) {
        func page(_ path: String, _ type: MediaType, _ body: String) {
            routes.raw(.get, path, .everyone, "A page", gives: type) { _ in .text(.ok, body, type: type) }
        }
        page("/page", .html, text)
        page("/small", .html, String(text.prefix(1024)))
        page("/picture", .png, text)
        page("/large", .html, String(repeating: text, count: 100))
    }

    private static func gunzip(_ file: [UInt8]) throws -> String {
        try #require(file.count > 18 && Array(file[..<3]) == [0x1F, 0x8B, 8])
        var inflater = Inflater(window: 15, keepsContext: false)
        var out = ByteWriter()
        try file[10..<(file.count - 8)].withUnsafeBytes { try inflater.append($0, to: &out, atMost: 10_000_000) }
        return out.text
    }

    @Test(
        "is packed when the client asks for that",
        arguments: ["gzip", "GZIP", "deflate, gzip;q=0.5", "*", "br;q=1, *;q=0.1", "gzip;q=1.000"])
    func packed(wish: String) throws {
        try withServer(routes: Self.declarePages) { server in
            let answer = try server.get("/page", "Accept-Encoding: \(wish)")
            #expect(answer["content-encoding"] == "gzip" && answer["vary"] == "accept-encoding")
            #expect(try Self.gunzip(answer.body) == Self.text)
        }
    }

    @Test(
        "is not packed when the client does not want it",
        arguments: [
            "gzip;q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0", "identity", "deflate, br", "", "xgzip",
        ])
    func notPacked(wish: String) throws {
        try withServer(routes: Self.declarePages) { server in
            let answer = try server.get("/page", "Accept-Encoding: \(wish)")
            #expect(answer["content-encoding"] == nil && answer.text == Self.text)
            // A cache must know that another client would get other bytes.
            #expect(answer["vary"] == "accept-encoding")
        }
    }

    @Test("is not packed when that would gain little") func notWorthIt() throws {
        try withServer(routes: Self.declarePages) { server in
            for path in ["/small", "/picture"] {
                let answer = try server.get(path, "Accept-Encoding: gzip")
                #expect(answer["content-encoding"] == nil && answer["vary"] == nil)
            }
        }
    }

    @Test("is packed off the loop when it is large, and not at all without a place for that") func largePacked() throws {
        let pool = BlockingPool(threads: 1, bound: 4)
        defer { pool.stop() }
        for pool in [pool, nil] {
            try withServer(options: { $0.packing = pool }, routes: Self.declarePages) { server in
                let client = try server.connect()
                let answer = try client.get("/large", "Accept-Encoding: gzip")
                let whole = String(repeating: Self.text, count: 100)
                if pool == nil {
                    #expect(answer["content-encoding"] == nil && answer.text == whole)
                } else {
                    #expect(answer["content-encoding"] == "gzip")
                    #expect(try Self.gunzip(answer.body) == whole)
                }
                #expect(try client.get("/small").status == 200)
            }
        }
    }
}
