import Codec
import HTTP
import Loop
import Testing

@Suite("A form with files") struct MultipartBodyTests {
    private static func form(_ content: [UInt8]) -> [UInt8] {
        Array("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".utf8) + content + Array("\r\n--b--\r\n".utf8)
    }

    private static let head = "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"

    @Test("is read as it comes, small or large", arguments: [0, 1, 8000, 3 << 20])
    func read(count: Int) throws {
        try withFormServer { server in
            let client = try server.connect()
            let (content, form) = (noise(count), Self.form(noise(count)))
            for _ in 0..<2 {
                try client.send(Self.head + "Content-Length: \(form.count)\r\n\r\n")
                try client.send(form)
                #expect(try client.answer().text == describe(content))
            }
        }
    }

    @Test("is asked for when it may come, and refused before it does when it is too long")
    func expected() throws {
        try withFormServer { server in
            let client = try server.connect()
            let form = Self.form(noise(10))
            try client.send(Self.head + "Content-Length: \(form.count)\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.answer().status == 100)
            try client.send(form)
            #expect(try client.answer().text == describe(noise(10)))
            try client.send(Self.head + "Content-Length: \((4 << 20) + 1)\r\nExpect: 100-continue\r\n\r\n")
            let answer = try client.answer()
            #expect(answer.status == 413 && answer.isLast)
        }
    }

    @Test("that goes on too long is refused at once, and who is still sending reads why")
    func tooLong() throws {
        try withFormServer { server in
            let client = try server.connect()
            try client.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = Array("100000\r\n".utf8) + noise(1 << 20) + [13, 10]
            let beginning = Self.form([]).dropLast("\r\n--b--\r\n".utf8.count)
            try client.send(Array("\(String(beginning.count, radix: 16))\r\n".utf8) + beginning + [13, 10])
            for _ in 0..<20 { try client.send(chunk) }
            let answer = try client.answer()
            #expect(answer.status == 413 && answer.error == "PAYLOAD_TOO_LARGE" && answer.isLast)
        }
    }

    @Test(
        "of another type, without a boundary, packed or malformed is refused",
        arguments: [
            ("text/plain", "", 415), ("multipart/form-data", "", 415),
            ("multipart/form-data; boundary=b", "Content-Encoding: gzip\r\n", 415),
            ("multipart/form-data; boundary=c", "", 400),
        ])
    func refused(type: String, field: String, status: Int) throws {
        try withFormServer { server in
            let client = try server.connect()
            let form = Self.form(noise(10))
            try client.send("POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\n\(field)Content-Length: \(form.count)\r\n\r\n")
            try client.send(form)
            #expect(try client.answer().status == status)
        }
    }

    @Test("that ends before its last boundary is refused") func truncated() throws {
        try withFormServer { server in
            let client = try server.connect()
            let form = Self.form(noise(10)).dropLast(6)
            try client.send(Self.head + "Content-Length: \(form.count)\r\n\r\n")
            try client.send(Array(form))
            #expect(try client.answer().status == 400)
        }
    }

    @Test("an answer of known length is as long as it was announced, and HEAD tells its length") func sized() throws {
        try withFormServer { server in
            let client = try server.connect()
            let answer = try client.ask("GET", "/sized/3000000")
            #expect(answer.status == 200 && answer.body == noise(3_000_000))
            #expect(answer["content-length"] == "3000000")
        }
    }

    @Test("one that turns out shorter ends abruptly") func short() throws {
        try withFormServer { server in
            let client = try server.connect()
            try client.send("GET /short HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(throws: Trouble.self) { try client.answer() }
        }
    }
}

private func withFormServer(_ body: (TestServer) throws -> Void) throws {
    try withServer(
        routes: { routes in
            routes.parameter("size", .integer(0...Int.max), "How many bytes")
            routes.raw(.post, "/form", .everyone, "Tells what the file is", gives: .plainText) { request in
                var form = try MultipartBody(request, upTo: 4 << 20)
                var content: [UInt8] = []
                while true {
                    switch try await form.next() {
                    case .bytes(let bytes): content += bytes
                    case .part, .endPart: continue
                    case .end: return .text(.ok, describe(content))
                    }
                }
            }
            routes.raw(.get, "/sized/{size}", .everyone, "Gives so many bytes", gives: .bytes) { request in
                let size: Int = try request.pathValues.size
                return Response(
                    .ok, type: .bytes,
                    body: .sized(size) { writer in
                        let all = noise(size)
                        for start in stride(from: 0, to: size, by: 100_000) {
                            try await writer.write(Array(all[start..<min(start + 100_000, size)]))
                        }
                    })
            }
            routes.raw(.get, "/short", .everyone, "Gives fewer bytes than it says", gives: .bytes) { _ in
                Response(.ok, type: .bytes, body: .sized(10) { try await $0.write([1, 2, 3]) })
            }
        }, body)
}
