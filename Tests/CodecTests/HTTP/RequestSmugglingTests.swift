import Codec
import Testing

/// Bytes in which two servers might see two different requests, or none: each is refused, and for the reason beside it.
@Suite("What an HTTP parser refuses") struct RequestSmugglingTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let fault: HTTPFault
        let testDescription: String
        let bytes: [UInt8]
        /// What is read before it comes to the fault.
        let before: [Heard]

        init(_ fault: HTTPFault, _ what: String, _ text: String, before: [Heard] = []) {
            self.fault = fault
            testDescription = what
            bytes = Array(text.utf8)
            self.before = before
        }

        /// A good request line, and these fields.
        init(_ fault: HTTPFault, _ what: String, fields: String...) {
            self.init(fault, what, "POST /a HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")
        }

        /// This request line, and good fields.
        init(_ fault: HTTPFault, _ what: String, line: String) {
            self.init(fault, what, "\(line)\r\nHost: a\r\n\r\n")
        }

        /// A good head, and a body in this chunked coding, of which `content` is read.
        init(_ fault: HTTPFault, _ what: String, chunks: String, content: String? = nil) {
            let head = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            self.init(fault, what, head + chunks, before: [.head("POST /a 1.1 chunked")] + (content.map { [.body($0)] } ?? []))
        }
    }

    static let requestLines: [Shape] = [
        Shape(.requestLine, "an empty line first: a proxy may take it for an empty request", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Shape(.requestLine, "a blank first", line: " GET / HTTP/1.1"),
        Shape(.requestLine, "no method", line: "/ HTTP/1.1"),
        Shape(.requestLine, "a method alone", line: "GET"),
        Shape(.requestLine, "a method that is no token", line: "G@T / HTTP/1.1"),
        Shape(.requestLine, "a method in quotes", line: "\"GET\" / HTTP/1.1"),
        Shape(.requestLine, "NUL in the method", line: "GE\0T / HTTP/1.1"),
        Shape(.requestLine, "a tab behind the method", line: "GET\t/ HTTP/1.1"),
        Shape(.target, "two blanks behind the method: is the target empty?", line: "GET  / HTTP/1.1"),
        Shape(.requestLine, "two blanks before the version", line: "GET /  HTTP/1.1"),
        Shape(.requestLine, "a blank behind the version", line: "GET / HTTP/1.1 "),
        Shape(.requestLine, "a fourth word", line: "GET / HTTP/1.1 HTTP/1.1"),
        Shape(.target, "a tab before the version", line: "GET /\tHTTP/1.1"),
        Shape(.target, "no version: HTTP/0.9 has no fields, so what follows would be another request", line: "GET /"),
        Shape(.requestLine, "a version in small letters", line: "GET / http/1.1"),
        Shape(.requestLine, "a protocol that is not HTTP", line: "GET / HTTPS/1.1"),
        Shape(.requestLine, "a version with three digits", line: "GET / HTTP/1.10"),
        Shape(.version, "HTTP/0.9 by name", line: "GET / HTTP/0.9"),
        Shape(.version, "HTTP/2 as text", line: "GET / HTTP/2.0"),
        Shape(.version, "HTTP/3 as text", line: "GET / HTTP/3.0"),
        Shape(.requestLine, "a version without its dot", line: "GET / HTTP/11 "),
        Shape(.requestLine, "a version with a comma", line: "GET / HTTP/1,1"),
        Shape(.requestLine, "a blank inside the version", line: "GET / HTTP/ 1.1"),
        Shape(.target, "HTTP/2's preface: the other side speaks something else", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ]

    static let targets: [Shape] = [
        Shape(.target, "a path without its slash", line: "GET a HTTP/1.1"),
        Shape(.target, "* with another method than OPTIONS", line: "GET * HTTP/1.1"),
        Shape(.target, "* with more behind it", line: "OPTIONS */a HTTP/1.1"),
        Shape(.target, "a fragment, which no client sends", line: "GET /a#b HTTP/1.1"),
        Shape(.target, "a fragment behind a query", line: "GET /a?b#c HTTP/1.1"),
        Shape(.target, "a backslash, which some take for a slash", line: "GET /a\\..\\b HTTP/1.1"),
        Shape(.target, "quotes", line: "GET /\"a\" HTTP/1.1"),
        Shape(.target, "angle brackets", line: "GET /<a> HTTP/1.1"),
        Shape(.target, "angle brackets in a query", line: "GET /?<a> HTTP/1.1"),
        Shape(.target, "a letter beyond ASCII, unescaped", line: "GET /é HTTP/1.1"),
        Shape(.target, "DEL", line: "GET /a\u{7F} HTTP/1.1"),
        Shape(.target, "NUL, where C's strings end", line: "GET /a\0b HTTP/1.1"),
        Shape(.target, "NUL in a query", line: "GET /a?b\0c HTTP/1.1"),
        Shape(.requestLine, "a blank inside: which part is the target?", line: "GET /a b HTTP/1.1"),
        Shape(.requestLine, "a blank inside the query", line: "GET /a?b c HTTP/1.1"),
        Shape(.target, "an authority alone: no tunnel begins here", line: "CONNECT a:443 HTTP/1.1"),
        Shape(.target, "a scheme that is not served", line: "GET ftp://a/ HTTP/1.1"),
        Shape(.target, "a scheme without a host", line: "GET http:///a HTTP/1.1"),
        Shape(.target, "a scheme with one slash", line: "GET http:/a HTTP/1.1"),
        Shape(.target, "nothing behind the scheme", line: "GET http:// HTTP/1.1"),
        Shape(.target, "a user before the host, who hides the host from a reader", line: "GET http://a@b/ HTTP/1.1"),
        Shape(.target, "a backslash behind the host", line: "GET http://a\\@b/ HTTP/1.1"),
    ]

    static let hosts: [Shape] = [
        Shape(.host, "no Host in HTTP/1.1", "GET / HTTP/1.1\r\n\r\n"),
        Shape(.host, "two Hosts: a proxy may route by the other one", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        Shape(.host, "the same Host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        Shape(.host, "two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
        Shape(.host, "two Hosts in one field", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        Shape(.host, "a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        Shape(.host, "a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        Shape(.host, "a Host with a backslash", "GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n"),
        Shape(.host, "a Host with a query", "GET / HTTP/1.1\r\nHost: a?b\r\n\r\n"),
        Shape(.host, "a Host beyond ASCII", "GET / HTTP/1.1\r\nHost: é\r\n\r\n"),
        Shape(.host, "another Host than the target's", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"),
        Shape(.host, "another port than the target's", "GET http://a:80/ HTTP/1.1\r\nHost: a:81\r\n\r\n"),
        Shape(.host, "a Host that only begins as the target's", "GET http://a/ HTTP/1.1\r\nHost: a.b\r\n\r\n"),
        Shape(.host, "a target with a host, and no Host", "GET http://a/ HTTP/1.1\r\n\r\n"),
    ]

    static let fields: [Shape] = [
        Shape(.folding, "a value that goes on in the next line", fields: "X: a", " b"),
        Shape(.folding, "a value that goes on behind a tab", fields: "X: a", "\tb"),
        Shape(.folding, "a hidden field in a folded value", fields: "X: a", " Content-Length: 5"),
        Shape(.folding, "a blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        Shape(.folding, "a line of blanks, which some take for the head's end", fields: "X: a", "  "),
        Shape(.combiningMarks, "a value that takes long to compare", fields: "X: a" + String(repeating: "\u{301}", count: 31)),
        Shape(.combiningMarks, "the same, aligned otherwise", fields: "X: abcd" + String(repeating: "\u{301}", count: 31) + "z"),
        Shape(.fieldName, "a blank before the colon", fields: "Content-Length : 5"),
        Shape(.fieldName, "a tab before the colon", fields: "Transfer-Encoding\t: chunked"),
        Shape(.fieldName, "a blank inside the name", fields: "Content Length: 5"),
        Shape(.fieldName, "no colon", fields: "Content-Length"),
        Shape(.fieldName, "no name", fields: ": a"),
        Shape(.fieldName, "brackets in the name", fields: "X(a): b"),
        Shape(.fieldName, "a letter beyond ASCII in the name", fields: "Xé: b"),
        Shape(.fieldName, "NUL in the name", fields: "X\0: b"),
        Shape(.fieldName, "DEL in the name", fields: "X\u{7F}: b"),
        Shape(.fieldName, "CR in the name", fields: "X\rY: b"),
        Shape(.fieldName, "a request line where a field should be", fields: "GET /b HTTP/1.1"),
        Shape(.fieldValue, "NUL in a value", fields: "X: a\0b"),
        Shape(
            .fieldValue, "NUL in a long value", fields: "X: " + String(repeating: "a", count: 21) + "\0" + String(repeating: "a", count: 21)
        ),
        Shape(.fieldValue, "a vertical tab in a value", fields: "X: a\u{B}b"),
        Shape(.fieldValue, "a form feed in a value", fields: "X: a\u{C}b"),
        Shape(.fieldValue, "an escape in a value, for the terminal of who reads logs", fields: "X: \u{1B}[2J"),
        Shape(.fieldValue, "DEL in a value", fields: "X: a\u{7F}"),
        Shape(
            .fieldValue, "DEL in a long value",
            fields: "X: " + String(repeating: "a", count: 20) + "\u{7F}" + String(repeating: "a", count: 20)),
        Shape(.bareCarriageReturn, "CR in a value, which some take for a line's end", fields: "X: a\rContent-Length: 5"),
        Shape(.bareCarriageReturn, "CR before a line's end", fields: "X: a\r"),
        Shape(.bareCarriageReturn, "CR at a value's beginning", fields: "X:\ra"),
        Shape(.fieldName, "CR where the head ends", "GET / HTTP/1.1\r\nHost: a\r\n\rX: b\r\n\r\n"),
        Shape(.target, "CR in the target", line: "GET /a\rb HTTP/1.1"),
        Shape(.requestLine, "CR behind the version", line: "GET / HTTP/1.1\r"),
        Shape(.requestLine, "CR for CRLF behind the version", "GET / HTTP/1.1\rHost: a\r\n\r\n"),
        Shape(.bareLineFeed, "LF behind the version", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        Shape(.bareLineFeed, "LF behind a field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
        Shape(.bareLineFeed, "LF in a value", fields: "X: a\nContent-Length: 5"),
        Shape(.bareLineFeed, "LF in a name", fields: "X\nY: a"),
        Shape(.bareLineFeed, "LF for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        Shape(.bareLineFeed, "two LFs at the head's end", "GET / HTTP/1.1\r\nHost: a\n\n"),
        Shape(.bareLineFeed, "LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Shape(.bareLineFeed, "LF and CR in the wrong order", "GET / HTTP/1.1\n\rHost: a\n\r\n\r"),
    ]

    static let lengths: [Shape] = [
        Shape(.contentLength, "two lengths", fields: "Content-Length: 5", "Content-Length: 6"),
        Shape(.contentLength, "the same length twice", fields: "Content-Length: 5", "Content-Length: 5"),
        Shape(.contentLength, "the same length twice, in other letters", fields: "Content-Length: 5", "content-length: 5"),
        Shape(.contentLength, "two lengths with another field between them", fields: "Content-Length: 5", "X: a", "Content-Length: 50"),
        Shape(.contentLength, "a list of two lengths", fields: "Content-Length: 5, 6"),
        Shape(.contentLength, "a list of equal lengths", fields: "Content-Length: 5,5"),
        Shape(.contentLength, "a list of one", fields: "Content-Length: 5,"),
        Shape(.contentLength, "a plus", fields: "Content-Length: +5"),
        Shape(.contentLength, "a minus", fields: "Content-Length: -5"),
        Shape(.contentLength, "minus nothing", fields: "Content-Length: -0"),
        Shape(.contentLength, "a blank inside", fields: "Content-Length: 5 0"),
        Shape(.contentLength, "a tab inside", fields: "Content-Length: 5\t0"),
        Shape(.contentLength, "no digits", fields: "Content-Length:"),
        Shape(.contentLength, "blanks alone", fields: "Content-Length:  "),
        Shape(.contentLength, "hexadecimal digits", fields: "Content-Length: 0x5"),
        Shape(.contentLength, "a letter behind the digits", fields: "Content-Length: 5a"),
        Shape(.contentLength, "an exponent", fields: "Content-Length: 1e1"),
        Shape(.contentLength, "a fraction", fields: "Content-Length: 5.0"),
        Shape(.contentLength, "thousands", fields: "Content-Length: 5_000"),
        Shape(.contentLength, "digits of another script", fields: "Content-Length: \u{FF15}"),
        Shape(.contentLength, "in quotes", fields: "Content-Length: \"5\""),
        Shape(.contentLength, "a parameter", fields: "Content-Length: 5;a=b"),
        Shape(.contentLength, "one more than 64 bits hold", fields: "Content-Length: 18446744073709551616"),
        Shape(.contentLength, "five in 64 bits, once around", fields: "Content-Length: 18446744073709551621"),
        Shape(.contentLength, "what is negative as 64 bits with a sign", fields: "Content-Length: 9223372036854775808"),
        Shape(.contentLength, "digits without end", fields: "Content-Length: " + String(repeating: "0", count: 200) + "5"),
        Shape(.fieldValue, "a vertical tab before the digits", fields: "Content-Length: \u{B}5"),
        Shape(.fieldValue, "NUL behind the digits", fields: "Content-Length: 5\0"),
    ]

    static let codings: [Shape] = [
        Shape(
            .framing, "a length and a coding: servers differ in which one counts", fields: "Content-Length: 5", "Transfer-Encoding: chunked"
        ),
        Shape(.framing, "a coding and a length", fields: "Transfer-Encoding: chunked", "Content-Length: 5"),
        Shape(.framing, "a coding and a length of zero", fields: "Transfer-Encoding: chunked", "Content-Length: 0"),
        Shape(.framing, "a length and a coding that is not known", fields: "Content-Length: 5", "Transfer-Encoding: xchunked"),
        Shape(.framing, "a length and no coding by name", fields: "Content-Length: 5", "Transfer-Encoding: identity"),
        Shape(.framing, "a length and an empty coding", fields: "Content-Length: 5", "Transfer-Encoding:"),
        Shape(.transferEncoding, "two codings", fields: "Transfer-Encoding: chunked", "Transfer-Encoding: gzip"),
        Shape(.transferEncoding, "chunked twice", fields: "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        Shape(.transferEncoding, "chunked twice in one field", fields: "Transfer-Encoding: chunked, chunked"),
        Shape(.transferEncoding, "chunked last", fields: "Transfer-Encoding: gzip, chunked"),
        Shape(.transferEncoding, "chunked first", fields: "Transfer-Encoding: chunked, gzip"),
        Shape(.transferEncoding, "identity, which is no more", fields: "Transfer-Encoding: identity"),
        Shape(.transferEncoding, "identity, then chunked", fields: "Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
        Shape(.transferEncoding, "another coding", fields: "Transfer-Encoding: gzip"),
        Shape(.transferEncoding, "nothing", fields: "Transfer-Encoding:"),
        Shape(.transferEncoding, "a parameter", fields: "Transfer-Encoding: chunked;q=1"),
        Shape(.transferEncoding, "in quotes", fields: "Transfer-Encoding: \"chunked\""),
        Shape(.transferEncoding, "in single quotes", fields: "Transfer-Encoding: 'chunked'"),
        Shape(.transferEncoding, "one letter more", fields: "Transfer-Encoding: xchunked"),
        Shape(.transferEncoding, "one letter less", fields: "Transfer-Encoding: chunke"),
        Shape(.transferEncoding, "a comma behind", fields: "Transfer-Encoding: chunked,"),
        Shape(.transferEncoding, "a comma before", fields: "Transfer-Encoding: ,chunked"),
        Shape(.transferEncoding, "a blank inside", fields: "Transfer-Encoding: chu nked"),
        Shape(.transferEncoding, "two words", fields: "Transfer-Encoding: x chunked"),
        Shape(.transferEncoding, "a blank that is none in ASCII", fields: "Transfer-Encoding: \u{A0}chunked"),
        Shape(.transferEncoding, "a Kelvin sign, whose small letter is k", fields: "Transfer-Encoding: chun\u{212A}ed"),
        Shape(.fieldValue, "a vertical tab before", fields: "Transfer-Encoding: \u{B}chunked"),
        Shape(.fieldValue, "a vertical tab behind", fields: "Transfer-Encoding: chunked\u{B}"),
        Shape(.fieldValue, "a form feed before", fields: "Transfer-Encoding:\u{C}chunked"),
        Shape(.fieldValue, "NUL behind", fields: "Transfer-Encoding: chunked\0"),
        Shape(.fieldName, "a blank before the colon, for those who skip such a field", fields: "Transfer-Encoding : chunked"),
        Shape(.folding, "in a folded line", fields: "Transfer-Encoding:", " chunked"),
        Shape(
            .transferEncoding, "a coding in HTTP/1.0, which has none", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Shape(
            .framing, "a coding with a length in HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ]

    static let others: [Shape] = [
        Shape(.connection, "a proxy told to drop the length", fields: "Connection: content-length", "Content-Length: 5"),
        Shape(.connection, "a proxy told to drop the coding", fields: "Connection: close, Transfer-Encoding"),
        Shape(.connection, "a proxy told to drop the host", fields: "Connection: host"),
        Shape(.connection, "a proxy told so in a second field", fields: "Connection: close", "Connection: content-length"),
        Shape(.connection, "two options without a comma", fields: "Connection: close content-length"),
        Shape(.connection, "an option in quotes", fields: "Connection: \"close\""),
        Shape(.connection, "a parameter", fields: "Connection: close;a"),
        Shape(.expectation, "another expectation", fields: "Expect: 200-ok", "Content-Length: 5"),
        Shape(.expectation, "an expectation with a parameter", fields: "Expect: 100-continue;a", "Content-Length: 5"),
        Shape(.expectation, "two expectations", fields: "Expect: 100-continue, 200-ok", "Content-Length: 5"),
        Shape(
            .expectation, "a second expectation in a field of its own", fields: "Expect: 100-continue", "Expect: 200-ok",
            "Content-Length: 5"),
        Shape(.expectation, "an empty expectation", fields: "Expect:", "Content-Length: 5"),
        Shape(.targetTooLong, "a target of one byte too many", line: "GET /\(String(repeating: "a", count: 8192)) HTTP/1.1"),
        Shape(.targetTooLong, "a query of one byte too many", line: "GET /?\(String(repeating: "a", count: 8191)) HTTP/1.1"),
        Shape(.targetTooLong, "a request line without end", "GET /" + String(repeating: "a", count: 9000)),
        Shape(.targetTooLong, "a method without end", String(repeating: "A", count: 9000)),
        Shape(.tooManyFields, "a hundred and one fields", fields: (0..<100).map { "X\($0): a" }.joined(separator: "\r\n")),
        Shape(.headTooLarge, "fields of one byte too many", fields: "X: " + String(repeating: "a", count: 16_384 - 9 - 3 - 2 - 2 + 1)),
        Shape(.headTooLarge, "a field without end", "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 17_000)),
    ]

    static let chunkSizes: [Shape] = [
        Shape(.chunkSize, "no size", chunks: "\r\na\r\n"),
        Shape(.chunkSize, "a letter that is no digit", chunks: "g\r\n"),
        Shape(.chunkSize, "a minus", chunks: "-1\r\n"),
        Shape(.chunkSize, "a plus", chunks: "+1\r\na\r\n"),
        Shape(.chunkSize, "0x before it", chunks: "0x1\r\na\r\n"),
        Shape(.chunkSize, "a blank before it", chunks: " 1\r\na\r\n"),
        Shape(.chunkSize, "a blank behind it", chunks: "1 \r\na\r\n"),
        Shape(.chunkSize, "a tab behind it", chunks: "1\t\r\na\r\n"),
        Shape(.chunkSize, "a blank inside", chunks: "1 0\r\n"),
        Shape(.chunkSize, "a comma", chunks: "1,1\r\n"),
        Shape(.chunkSize, "an underscore", chunks: "1_0\r\n"),
        Shape(.chunkSize, "a vertical tab behind it", chunks: "1\u{B}\r\n"),
        Shape(.chunkSize, "NUL behind it", chunks: "1\0\r\n"),
        Shape(.chunkSize, "sixteen digits, of which some keep the last few", chunks: "1000000000000001\r\na"),
        Shape(.chunkSize, "sixteen zeros", chunks: "0000000000000001\r\na"),
        Shape(.chunkSize, "what is negative as 64 bits with a sign", chunks: "ffffffffffffffff\r\n"),
        Shape(.chunkSize, "LF behind it", chunks: "1\na\r\n"),
        Shape(.chunkSize, "CR alone behind it", chunks: "1\ra\r\n"),
        Shape(.chunkSize, "CR twice behind it", chunks: "1\r\r\na\r\n"),
        Shape(.chunkSize, "LF behind the last", chunks: "0\n\r\n"),
        Shape(.chunkSize, "a bad size after a good chunk", chunks: "1\r\na\r\nx\r\n", content: "a"),
        Shape(.chunkEnd, "a chunk that is longer than it says", chunks: "1\r\nab\r\n", content: "a"),
        Shape(.chunkEnd, "a chunk that is shorter than it says", chunks: "3\r\na\r\n0\r\n\r\n", content: "a\r\n"),
        Shape(.chunkEnd, "LF behind a chunk", chunks: "1\r\na\n0\r\n\r\n", content: "a"),
        Shape(.chunkEnd, "CR alone behind a chunk", chunks: "1\r\na\r0\r\n\r\n", content: "a"),
        Shape(.chunkEnd, "nothing behind a chunk", chunks: "1\r\na0\r\n\r\n", content: "a"),
        Shape(.chunkExtension, "LF in an extension: some end the line there", chunks: "1;a\nb\r\nc\r\n"),
        Shape(.chunkExtension, "NUL in an extension", chunks: "1;a\0\r\nb\r\n"),
        Shape(.chunkExtension, "DEL in an extension", chunks: "1;\u{7F}\r\nb\r\n"),
        Shape(.chunkSize, "CR in an extension", chunks: "1;a\rb\r\nc\r\n"),
        Shape(.chunkExtension, "an extension of more than 4 KiB", chunks: "1;" + String(repeating: "a", count: 4096)),
        Shape(.chunkExtension, "blanks without end", chunks: "1" + String(repeating: " ", count: 4097)),
        Shape(
            .chunkExtension, "small extensions that come to more than 4 KiB", chunks: String(repeating: "1;aaa\r\nb\r\n", count: 1025),
            content: String(repeating: "b", count: 1024)),
    ]

    static let trailers: [Shape] = [
        Shape(.trailer, "a length", chunks: "0\r\nContent-Length: 5\r\n\r\n"),
        Shape(.trailer, "a length in other letters", chunks: "0\r\ncONTENT-lENGTH: 5\r\n\r\n"),
        Shape(.trailer, "a coding", chunks: "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Shape(.trailer, "a host", chunks: "0\r\nHost: b\r\n\r\n"),
        Shape(.trailer, "a credential", chunks: "0\r\nAuthorization: Bearer a\r\n\r\n"),
        Shape(.trailer, "a type", chunks: "0\r\nContent-Type: text/html\r\n\r\n"),
        Shape(.trailer, "a packing", chunks: "0\r\nContent-Encoding: gzip\r\n\r\n"),
        Shape(.trailer, "a connection option", chunks: "0\r\nConnection: close\r\n\r\n"),
        Shape(.trailer, "a bad one behind a good one", chunks: "0\r\nX: a\r\nHost: b\r\n\r\n"),
        Shape(.trailer, "no name", chunks: "0\r\n: a\r\n\r\n"),
        Shape(.trailer, "no colon", chunks: "0\r\nX\r\n\r\n"),
        Shape(.trailer, "a blank before the colon", chunks: "0\r\nX : a\r\n\r\n"),
        Shape(.trailer, "a folded line", chunks: "0\r\nX: a\r\n b\r\n\r\n"),
        Shape(.trailer, "a request line", chunks: "0\r\nGET /b HTTP/1.1\r\n\r\n"),
        Shape(.trailer, "NUL in a value", chunks: "0\r\nX: a\0\r\n\r\n"),
        Shape(.trailer, "LF behind a trailer", chunks: "0\r\nX: a\n\r\n"),
        Shape(.trailer, "LF for the empty line", chunks: "0\r\n\n"),
        Shape(.trailer, "CR alone for the empty line", chunks: "0\r\n\rGET"),
        Shape(.trailer, "trailers of more than 8 KiB", chunks: "0\r\nX: " + String(repeating: "a", count: 8192)),
    ]

    static let all = requestLines + targets + hosts + fields + lengths + codings + others + chunkSizes + trailers

    @Test("refuses it for the reason that fits", arguments: all) func fault(_ shape: Shape) {
        #expect(hear([shape.bytes]) == shape.before + [.fault(shape.fault)])
    }

    @Test("says the same wherever the bytes are cut", arguments: all) func anyCut(_ shape: Shape) {
        let wanted = shape.before + [.fault(shape.fault)]
        if shape.bytes.count < 1000 {
            #expect(hear(shape.bytes.map { [$0] }) == wanted)
            for at in 1..<shape.bytes.count { #expect(hear(cut(shape.bytes, at: [at])) == wanted, "cut at \(at)") }
        } else {
            var dice = Dice(UInt64(shape.bytes.count))
            for _ in 0..<20 {
                let cuts = (0..<4).map { _ in dice.below(shape.bytes.count) }.sorted()
                #expect(hear(cut(shape.bytes, at: cuts)) == wanted, "cut at \(cuts)")
            }
        }
    }

    @Test("says the same of a second request on the connection", arguments: all.filter { $0.bytes.count < 1000 }) func second(
        _ shape: Shape
    ) {
        let first = "POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"
        #expect(
            hear([Array(first.utf8) + shape.bytes]) == [.head("POST /first 1.1 length 2"), .body("ok")] + shape.before + [
                .fault(shape.fault)
            ])
    }

    @Test("has a shape here for each of its faults", arguments: HTTPFault.allCases) func everyFault(_ fault: HTTPFault) {
        #expect(Self.all.contains { $0.fault == fault })
    }

    @Test("finds a bare LF before more of the head is there") func failsFast() {
        #expect(hear("GET / HTTP/1.1\nHo") == [.fault(.bareLineFeed)])
    }
}
