import Testing

@testable import Codec

@Suite("What an HTTP parser reads") struct RequestHeadTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let heard: [Heard]

        init(_ what: String, _ text: String, _ heard: Heard...) {
            testDescription = what
            bytes = Array(text.utf8)
            self.heard = heard
        }
    }

    static let heads: [Shape] = [
        Shape("the least there is", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET / 1.1")),
        Shape("HTTP/1.0, without Host and without keeping", "GET / HTTP/1.0\r\n\r\n", .head("GET / 1.0 closes")),
        Shape("HTTP/1.0 that asks to be kept", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", .head("GET / 1.0")),
        Shape("HTTP/1.0 that says both", "GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n", .head("GET / 1.0 closes")),
        Shape("close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", .head("GET / 1.1 closes")),
        Shape("close among others", "GET / HTTP/1.1\r\nHost: a\r\nConnection: te , Close,\r\n\r\n", .head("GET / 1.1 closes")),
        Shape(
            "close in a second field", "GET / HTTP/1.1\r\nHost: a\r\nConnection: te\r\nConnection: close\r\n\r\n", .head("GET / 1.1 closes")
        ),
        Shape("a newer minor version, whose requests mean the same", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", .head("GET / 1.1")),
        Shape("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", .head("GET / 1.1")),
        Shape("an IPv6 host with a port", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", .head("GET / 1.1")),
        Shape("a path and a query", "GET /a/b%20c?d=e&f HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET /a/b%20c?d=e&f 1.1")),
        Shape("an empty query", "GET /a? HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET /a? 1.1")),
        Shape("a query with a second mark", "GET /a?b?c HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET /a?b?c 1.1")),
        Shape("two slashes first", "GET //a HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET //a 1.1")),
        Shape("absolute-form", "GET http://a:80/b?c HTTP/1.1\r\nHost: a:80\r\n\r\n", .head("GET /b?c 1.1")),
        Shape("absolute-form of https, in any case", "GET HttpS://a/b HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET /b 1.1")),
        Shape("absolute-form without a path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET  1.1")),
        Shape("absolute-form with a query alone", "GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n", .head("GET ?b 1.1")),
        Shape("absolute-form in HTTP/1.0", "GET http://a/ HTTP/1.0\r\n\r\n", .head("GET / 1.0 closes")),
        Shape("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .head("OPTIONS * 1.1")),
        Shape("a method of one's own", "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n", .head("M-SEARCH / 1.1")),
        Shape("a method in small letters is another one", "get / HTTP/1.1\r\nHost: a\r\n\r\n", .head("get / 1.1")),
        Shape("blanks and tabs around a value", "GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n", .head("GET / 1.1")),
        Shape("letters beyond ASCII in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: é€😀\r\n\r\n", .head("GET / 1.1")),
        Shape("a tab in a long value", "GET / HTTP/1.1\r\nHost: a\r\nX: 12345678\t12345678\r\n\r\n", .head("GET / 1.1")),
        Shape("an empty value", "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", .head("GET / 1.1")),
        Shape(
            "a name that only looks like the coding's", "GET / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n",
            .head("GET / 1.1")),
        Shape(
            "as many fields as there may be",
            "GET / HTTP/1.1\r\nHost: a\r\n" + (0..<99).map { "X\($0): a\r\n" }.joined() + "\r\n", .head("GET / 1.1")),
        Shape(
            "fields as large as they may be",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 16_384 - 9 - 3 - 2 - 2) + "\r\n\r\n", .head("GET / 1.1")),
        Shape(
            "a target as long as it may be", "GET /\(String(repeating: "a", count: 8191)) HTTP/1.1\r\nHost: a\r\n\r\n",
            .head("GET /\(String(repeating: "a", count: 8191)) 1.1")),
        Shape(
            "an upgrade to WebSocket", "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n",
            .head("GET / 1.1 websocket")),
        Shape(
            "an upgrade to something else", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            .head("GET / 1.1 upgrades")),
        Shape(
            "an upgrade to one of several", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c , WebSocket\r\n\r\n",
            .head("GET / 1.1 websocket")),
        Shape(
            "an upgrade in a second field",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n\r\n", .head("GET / 1.1 websocket")),
        Shape(
            "an upgrade to what is only called alike", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket2\r\n\r\n",
            .head("GET / 1.1 upgrades")),
        Shape(
            "an upgrade that the connection does not name", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", .head("GET / 1.1")),
        Shape("an upgrade in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", .head("GET / 1.0 closes")),
        Shape("an expectation without a body", "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", .head("GET / 1.1")),
        Shape("an expectation in HTTP/1.0, which has none", "GET / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n", .head("GET / 1.0 closes")),
    ]

    static let bodies: [Shape] = [
        Shape(
            "a body of a length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            .head("POST / 1.1 length 5"), .body("hello")),
        Shape("a length of zero", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", .head("POST / 1.1")),
        Shape(
            "a length with zeros before it", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhello",
            .head("POST / 1.1 length 5"), .body("hello")),
        Shape(
            "a length with blanks around it", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \t5 \r\n\r\nhello",
            .head("POST / 1.1 length 5"), .body("hello")),
        Shape(
            "a length of eighteen digits", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\nhello",
            .head("POST / 1.1 length 999999999999999999"), .body("hello")),
        Shape(
            "a length in HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", .head("POST / 1.0 length 5 closes"), .body("hello")
        ),
        Shape(
            "an expectation, in any case", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\nhello",
            .head("POST / 1.1 length 5 expects"), .body("hello")),
        Shape(
            "chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
            .head("POST / 1.1 chunked"), .body("hello world")),
        Shape(
            "no chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .head("POST / 1.1 chunked"), .body("")
        ),
        Shape(
            "the coding in capitals, with a tab before and blanks behind",
            "POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING:\tCHUNKED \t \r\n\r\n1\r\na\r\n0\r\n\r\n",
            .head("POST / 1.1 chunked"), .body("a")),
        Shape(
            "sizes in digits of either case, and with zeros before them",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\nb\r\n0123456789a\r\n0001\r\nb\r\n000\r\n\r\n",
            .head("POST / 1.1 chunked"), .body("01234567890123456789ab")),
        Shape(
            "extensions", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b;c=\"d\"\r\na\r\n1 ;e\r\nb\r\n0;f\r\n\r\n",
            .head("POST / 1.1 chunked"), .body("ab")),
        Shape(
            "trailers", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: b\r\nDigest:\r\n\r\n",
            .head("POST / 1.1 chunked"), .body("a")),
        Shape(
            "content that looks like framing",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
            .head("POST / 1.1 chunked"), .body("\r\n0\r\n\r\n\r\n")),
        Shape(
            "a request behind each kind of body",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwo"
                + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n",
            .head("GET /1 1.1"), .head("POST /2 1.1 length 3"), .body("two"), .head("POST /3 1.1 chunked"), .body("three"),
            .head("GET /4 1.1")),
        Shape(
            "a body that looks like a request",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 28\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
            .head("POST / 1.1 length 28"), .body("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")),
    ]

    @Test("reads it", arguments: heads + bodies) func read(_ shape: Shape) {
        #expect(hear([shape.bytes]) == shape.heard)
    }

    @Test("reads the same wherever the bytes are cut", arguments: heads + bodies) func anyCut(_ shape: Shape) {
        if shape.bytes.count < 1000 {
            #expect(hear(shape.bytes.map { [$0] }) == shape.heard)
            for at in 1..<shape.bytes.count { #expect(hear(cut(shape.bytes, at: [at])) == shape.heard, "cut at \(at)") }
        }
        var dice = Dice(UInt64(shape.bytes.count))
        for _ in 0..<20 {
            let cuts = (0..<5).map { _ in dice.below(shape.bytes.count) }.sorted()
            #expect(hear(cut(shape.bytes, at: cuts)) == shape.heard, "cut at \(cuts)")
        }
    }

    @Test("reads any content in chunks of any sizes, cut anywhere", arguments: 0..<50) func randomChunks(seed: UInt64) {
        var dice = Dice(seed)
        let content = (0..<dice.below(2000)).map { _ in UInt8(ascii: "a") + UInt8(dice.below(26)) }
        var bytes = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        var at = 0
        while at < content.count {
            let size = min(content.count - at, 1 + dice.below(300))
            bytes += "\(String(size, radix: 16, uppercase: dice.below(2) == 0))\(dice.oneOf(["", ";a", " ; b=c"]))\r\n".utf8
            bytes += content[at..<at + size] + [13, 10]
            at += size
        }
        bytes += "0\r\n\r\n".utf8
        let wanted: [Heard] = [.head("POST / 1.1 chunked"), .body(String(decoding: content, as: UTF8.self))]
        #expect(hear([bytes]) == wanted)
        #expect(hear(dice.cuts(of: bytes.count).map { Array(bytes[$0]) }) == wanted)
    }

    @Test("knows each method by its name", arguments: Method.allCases) func methods(_ method: Method) throws {
        let read = try parsed("\(method.text) / HTTP/1.1\r\nHost: a\r\n\r\n") { head, _ in head.method }
        #expect(read == method)
    }

    @Test("finds each known field, in any case", arguments: FieldName.allCases) func fieldNames(_ name: FieldName) throws {
        let value = [.contentLength: "7", .transferEncoding: "chunked", .expect: "100-continue"][name] ?? "word"
        for text in [name.text.description, name.text.description.uppercased()] {
            let host = name == .host ? "" : "Host: a\r\n"
            let found = try parsed("GET / HTTP/1.1\r\n\(host)\(text): \(value)\r\n\r\n") { head, bytes in
                FieldName.allCases.filter { head.place(of: $0) != nil }.map { name in
                    (name, head.place(of: name).map { String(decoding: bytes[$0.range], as: UTF8.self) })
                }
            }
            #expect(found.first { $0.0 == name }?.1 == value)
            #expect(Set(found.map(\.0)) == [.host, name])
        }
    }

    @Test("remembers nothing of the request before") func filledAgain() throws {
        var head = RequestHead()
        func parse(_ text: String) throws { try Array(text.utf8).withUnsafeBytes { try head.parse($0) } }
        try parse("POST http://b/c?d HTTP/1.0\r\nHost: b\r\nContent-Length: 9\r\nConnection: keep-alive\r\nExpect: x\r\n\r\n")
        #expect(throws: HTTPFault.connection) {
            try parse("POST http://b/c?d HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\nConnection: x y\r\n\r\n")
        }
        // Given up before the target's host was compared with the field.
        #expect(throws: HTTPFault.fieldName) { try parse("POST http://bbbbbbbb/c?d HTTP/1.1\r\nX\r\n\r\n") }
        try parse("GET /e HTTP/1.1\r\nHost: a\r\n\r\n")
        let (method, framing, query, count) = (head.method, head.framing, head.query, head.fieldCount)
        #expect(method == .get && framing == .none && query.isEmpty && count == 1)
        let (isVersion11, keepsAlive, hasQuery, expects, length) =
            (head.isVersion11, head.keepsAlive, head.hasQuery, head.expectsContinue, head.place(of: .contentLength))
        #expect(isVersion11 && keepsAlive && !hasQuery && !expects && length == nil)
    }

    @Test("refuses what the scanner did not find whole") func notWhole() {
        for text in ["", "\r\n", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\n\r", "GET"] {
            #expect(throws: HTTPFault.requestLine) { try parsed(text) { _, _ in } }
        }
    }

    private func parsed<Value>(_ text: String, _ look: (borrowing RequestHead, [UInt8]) -> Value) throws -> Value {
        let bytes = Array(text.utf8)
        var head = RequestHead()
        try bytes.withUnsafeBytes { try head.parse($0) }
        return look(head, bytes)
    }
}
