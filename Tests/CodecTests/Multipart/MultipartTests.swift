import Codec
import Testing

/// A part as a test sees it, whole.
struct WholePart: Equatable {
    var name: String
    var filename: String? = nil
    var contentType: String? = nil
    var content: [UInt8]
}

/// Parses `body` as it would arrive: cut at the ranges given, keeping only what the parser asks to keep.
func parse(_ body: [UInt8], boundary: String, cuts: [Range<Int>], mostParts: Int = 100) -> Result<[WholePart], MultipartParser.Fault> {
    var parser = MultipartParser(boundary: boundary, mostParts: mostParts)
    var parts: [WholePart] = []
    var kept: [UInt8] = []
    do throws(MultipartParser.Fault) {
        for cut in cuts {
            kept += body[cut]
            var at = 0
            reading: while true {
                let event = try next(&parser, kept, &at)
                switch event {
                case .part(let part):
                    parts.append(WholePart(name: part.name, filename: part.filename, contentType: part.contentType, content: []))
                case .bytes(let range): parts[parts.count - 1].content += kept[range]
                case .endPart: break
                case .end: return .success(parts)
                case .needMore: break reading
                }
            }
            kept.removeFirst(at)
        }
        try parser.finish()
        return .success(parts)
    } catch { return .failure(error) }
}

private func next(_ parser: inout MultipartParser, _ bytes: [UInt8], _ at: inout Int) throws(MultipartParser.Fault) -> MultipartParser.Event
{
    try bytes.withUnsafeBytes { raw in Result { () throws(MultipartParser.Fault) in try parser.next(raw, &at) } }.get()
}

@Suite("Multipart") struct MultipartTests {
    private func whole(_ text: String, boundary: String = "b", mostParts: Int = 100) -> Result<[WholePart], MultipartParser.Fault> {
        let bytes = Array(text.utf8)
        let result = parse(bytes, boundary: boundary, cuts: [0..<bytes.count], mostParts: mostParts)
        // However it is cut, in two or byte by byte, the same comes out.
        #expect(parse(bytes, boundary: boundary, cuts: bytes.indices.map { $0..<($0 + 1) }, mostParts: mostParts) == result)
        for cut in bytes.indices.dropFirst() {
            #expect(parse(bytes, boundary: boundary, cuts: [0..<cut, cut..<bytes.count], mostParts: mostParts) == result, "cut at \(cut)")
        }
        return result
    }

    private func part(_ headers: String) -> String { "--b\r\n\(headers)\r\n\r\nx\r\n--b--" }

    @Test("a form with a field and a file") func good() throws {
        let parts = try whole(
            "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nPrinter\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nline\r\n\r\n--not\r\n--b--\r\n"
        ).get()
        #expect(
            parts == [
                WholePart(name: "title", content: Array("Printer".utf8)),
                WholePart(name: "file", filename: "a.txt", contentType: "text/plain", content: Array("line\r\n\r\n--not".utf8)),
            ])
    }

    @Test("no parts, a preamble, an epilogue, blanks after a boundary") func around() throws {
        #expect(try whole("--b--").get() == [])
        let parts = try whole("hello\r\nthere\r\n--b \t\r\ncontent-disposition:form-data;name=a\r\n\r\n\r\n--b--anything\r\n--b\r\n").get()
        #expect(parts == [WholePart(name: "a", content: [])])
    }

    @Test("content may be left out, be empty, or look like a boundary") func content() throws {
        #expect(try whole("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--").get() == [WholePart(name: "a", content: [])])
        let odd = "\r\n\r\n--\r\n-\r-\n--b\r--b\n--b\r\n-b"
        #expect(try whole("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\(odd)\r\n--b--").get().first?.content == Array(odd.utf8))
    }

    @Test(
        "file names in all the ways they come",
        arguments: [
            (#"filename="a b.txt""#, "a b.txt"), (#"filename=a.txt"#, "a.txt"), (#"filename="a\"b\\c.txt""#, #"a"b\c.txt"#),
            (#"filename="C:\dir\file.txt""#, #"C:\dir\file.txt"#), (#"filename="é.txt""#, "é.txt"), (#"filename="a;b.txt""#, "a;b.txt"),
            (#"filename="x"; filename*=UTF-8''%e2%82%ac%20rates"#, "€ rates"), (#"filename*=utf-8'en'a%2Fb"#, "a/b"),
            (#"filename*=iso-8859-1''%e9"#, "é"), (#"filename="%22.txt""#, "%22.txt"), (#"filename="""#, ""),
        ])
    func filenames(_ parameter: String, _ expected: String) throws {
        #expect(try whole(part("Content-Disposition: form-data; name=\"f\"; \(parameter)")).get().first?.filename == expected)
    }

    @Test(
        "each fault by name",
        arguments: [
            ("", MultipartParser.Fault.truncated), ("--b", .truncated), ("--b\r\n", .truncated), ("no boundary", .truncated),
            ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b", .truncated),
            ("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", .truncated),
            ("--bx\r\n", .badBoundary), ("--b-\r\n", .badBoundary), ("--b\n", .badBoundary), ("--b \r\r", .badBoundary),
            ("--b\r\n\r\nx\r\n--b--", .noName), ("--b\r\nA: b\r\n\r\nx\r\n--b--", .noName),
        ])
    func faults(_ text: String, _ expected: MultipartParser.Fault) { #expect(whole(text) == .failure(expected)) }

    @Test(
        "headers that are refused",
        arguments: [
            ("Content-Disposition: attachment; name=a", MultipartParser.Fault.noName), ("Content-Disposition: form-data", .noName),
            ("Content-Disposition: form-data; name=a; name=b", .badHeader), ("Content-Disposition: form-data; name=\"a", .badHeader),
            ("Content-Disposition: form-data name=a", .badHeader), ("Content-Disposition form-data", .badHeader),
            ("Bad Name: x", .badHeader),
            ("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b", .badHeader),
            ("Content-Disposition: form-data;\r\n name=a", .badHeader), ("Content-Disposition: form-data; name=\"a\0\"", .badHeader),
            ("Content-Disposition: form-data; name=\"a\nb\"", .badHeader), ("Content-Disposition: form-data; name=\"a\u{7F}\"", .badHeader),
            ("Content-Disposition: form-data; name=a; filename*=UTF-8''%ff", .badHeader),
            ("Content-Disposition: form-data; name=a; filename*=UTF-8''%4", .badHeader),
            ("Content-Disposition: form-data; name=a; filename*=x", .badHeader),
            ("Content-Disposition: form-data; name=a; filename*=koi8-r''a", .badHeader),
            ("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", .encodedPart),
            ("Content-Disposition: form-data; name=a\r\nContent-Type: a/b\r\nContent-Type: c/d", .badHeader),
        ])
    func badHeaders(_ headers: String, _ expected: MultipartParser.Fault) { #expect(whole(part(headers)) == .failure(expected)) }

    @Test("headers, preamble and number of parts are bounded") func bounds() {
        func once(_ text: String, _ most: Int = 100) -> Result<[WholePart], MultipartParser.Fault> {
            parse(Array(text.utf8), boundary: "b", cuts: [0..<text.utf8.count], mostParts: most)
        }
        #expect(
            once(part("Content-Disposition: form-data; name=a\r\nX: " + String(repeating: "y", count: 8192))) == .failure(.headersTooLarge))
        #expect(once(String(repeating: "x", count: 9000)) == .failure(.noBoundary))
        let two =
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=b\r\n\r\nx\r\n--b--"
        #expect(once(two, 1) == .failure(.tooManyParts))
        #expect(throws: Never.self) { try once(two, 2).get() }
    }

    @Test(
        "the boundary of a content type",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data;charset=utf-8 ; BOUNDARY=\"a b'c\"", "a b'c"),
            ("multipart/form-data; boundary=----WebKitFormBoundaryx", "----WebKitFormBoundaryx"), ("multipart/form-data", nil),
            ("multipart/mixed; boundary=a", nil), ("multipart/form-data; boundary=", nil), ("multipart/form-data; boundary=\"a \"", nil),
            ("multipart/form-data; boundary=\"a\u{e9}\"", nil), ("multipart/form-data; boundary=a; boundary=b", nil),
            ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), nil), ("multipart/form-data; boundary=\"a", nil),
        ] as [(String, String?)])
    func boundaries(_ type: String, _ expected: String?) { #expect(MultipartParser.boundary(of: type) == expected) }

    @Test("random parts come out whole, however the body is cut") func random() throws {
        var dice = Dice(12)
        let crumbs = ["\r", "\n", "-", "--", "\r\n", "\r\n--", "\r\n--bo", "bound", "x"].map { Array($0.utf8) }
        for _ in 0..<500 {
            var parts: [WholePart] = []
            var body: [UInt8] = []
            for at in 0..<dice.below(4) {
                var content: [UInt8] = []
                for _ in 0..<dice.below(12) { content += dice.below(4) == 0 ? dice.bytes(upTo: 8) : dice.oneOf(crumbs) }
                // The line's end before a content is the boundary's too, so no content may begin with one either.
                if (Array("\r\n".utf8) + content).contains(Array("\r\n--bound".utf8)) { continue }
                parts.append(WholePart(name: "f\(at)", content: content))
                body += Array("--bound\r\nContent-Disposition: form-data; name=f\(at)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
            }
            body += Array("--bound--\r\n".utf8)
            #expect(parse(body, boundary: "bound", cuts: dice.cuts(of: body.count)) == .success(parts))
        }
    }
}
