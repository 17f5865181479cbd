import Glibc
import Testing

@testable import Codec

/// Text that Swift takes the square of its length to compare: accents that have to be sorted.
private func marks(_ count: Int) -> String {
    String(repeating: "\u{301}", count: count / 2) + String(repeating: "\u{323}", count: count - count / 2)
}

@Suite("Combining marks in a row") struct CombiningMarksTests {
    @Test("as many as a natural text may have are few, and one more is too many", arguments: ["", "a", "日本", "\u{1F468}"])
    func bound(_ before: String) {
        #expect(CombiningMarks.areFew(in: Array("\(before)\(marks(30))b".utf8)))
        #expect(!CombiningMarks.areFew(in: Array("\(before)\(marks(31))b".utf8)))
    }

    @Test("a letter between them begins anew", arguments: ["a", "я", "漢", "😀", "한", "\u{200D}"])
    func between(_ letter: String) {
        #expect(CombiningMarks.areFew(in: Array("a\(marks(20))\(letter)\(marks(20))".utf8)))
    }

    @Test("what is taken apart into two counts as two", arguments: [0x344, 0xF73, 0xF75, 0xF81] as [UInt32])
    func pairs(_ scalar: UInt32) throws {
        let mark = String(Character(try #require(Unicode.Scalar(scalar))))
        #expect(CombiningMarks.areFew(in: Array(("a" + String(repeating: mark, count: 15)).utf8)))
        #expect(!CombiningMarks.areFew(in: Array(("a" + String(repeating: mark, count: 16)).utf8)))
    }

    @Test("every scalar counts as Unicode says") func everyScalar() {
        var wrong: [UInt32] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), ![0x344, 0xF73, 0xF75, 0xF81].contains(value) else { continue }
            let isMark = scalar.properties.canonicalCombiningClass != .notReordered
            if (CombiningMarks.weight(of: value) > 0) != isMark { wrong.append(value) }
        }
        #expect(wrong.isEmpty)
    }

    @Test(
        "bytes that are not UTF-8 are not marks, and hide none",
        arguments: [[0xE0], [0xCC], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xFF], [0xED, 0xA0, 0x80], [0xE0, 0x80]] as [[UInt8]])
    func notUTF8(_ junk: [UInt8]) {
        let many = Array(marks(31).utf8)
        #expect(!CombiningMarks.areFew(in: junk + many))
        #expect(!CombiningMarks.areFew(in: many + junk))
        let some = Array(marks(20).utf8)
        #expect(CombiningMarks.areFew(in: some + junk + some))
    }

    @Test("a received text is UTF-8 with few of them, or none") func received() {
        #expect(String(received: Array("é\(marks(30))".utf8)) == "é\(marks(30))")
        #expect(String(received: Array(marks(31).utf8)) == nil)
        #expect(String(received: [0xC3]) == nil)
    }
}

@Suite("Names and texts as bytes") struct ByteNameTests {
    @Test("a name is itself, and not what looks like it") func lookalikes() {
        #expect("\u{E9}" == "e\u{301}")
        #expect(ByteName("\u{E9}") != ByteName("e\u{301}"))
        #expect(Set([ByteName("\u{E9}"), ByteName("e\u{301}"), ByteName("\u{E9}")]).count == 2)
        #expect(!"\u{E9}".hasSameBytes(as: "e\u{301}") && "é".hasSameBytes(as: "é"))
    }

    @Test("a hundred thousand marks are compared and hashed in the time of as many letters") func time() {
        let ours = ByteName("a" + marks(100_000) + "x")
        let theirs = ByteName("a" + marks(100_000) + "y")
        let harmless = (ByteName(String(repeating: "é", count: 100_000) + "x"), ByteName(String(repeating: "é", count: 100_000) + "y"))
        let cost = cpu { Set([ours, theirs]).count == 2 && ours != theirs }
        let usual = cpu { Set([harmless.0, harmless.1]).count == 2 && harmless.0 != harmless.1 }
        // As `String`s they take a hundred thousand times as long, so a hundred times is no matter of the machine.
        #expect(cost < usual * 100 + 1_000_000)
    }

    @Test("literals are found by their bytes, and ASCII's case is no difference where it shall be none") func literals() {
        #expect("bearer".equals("bearer") && !"Bearer".equals("bearer") && !"".equals("a") && "".equals(""))
        #expect("BeArEr".equalsIgnoringCase("bearer") && !"bearer ".equalsIgnoringCase("bearer"))
        #expect(!"\u{212A}ey".equalsIgnoringCase("key"), "the sign for Kelvin is no K")
        #expect("HTTPS://x".startsIgnoringCase("https://") && !"http".startsIgnoringCase("https://"))
        #expect("a Googlebot/2".containsIgnoringCase("bot") && !"bo".containsIgnoringCase("bot") && !"".containsIgnoringCase("bot"))
    }

    /// Nanoseconds that this thread was on a processor for it.
    private func cpu(_ body: () -> Bool) -> Int {
        func now() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
        let start = now()
        #expect(body())
        return now() - start
    }
}

/// Where text comes in, each with too many marks and with as many as there may be.
@Suite("Text with too many combining marks") struct ReceivedTextTests {
    private static let escaped = String(repeating: #"\u0301"#, count: 31)
    private static let good = String(repeating: #"\u0301"#, count: 30)

    @Test("is a fault of its field in JSON, raw and escaped", arguments: [marks(31), escaped, marks(15) + good.prefix(16 * 6)])
    func field(_ text: String) throws {
        let faults = #expect(throws: Faults.self) { try Note.shape.read(json: Array(#"{"title":"a\#(text)","number":"x"}"#.utf8)) }
        #expect(faults?.list.map(\.location) == ["title", "number"])
        #expect(faults?.list.first?.type == "string_combining_marks")
        #expect(try Note.shape.read(json: Array(#"{"title":"a\#(Self.good)","number":1}"#.utf8)).title.unicodeScalars.count == 31)
    }

    @Test("is a fault of its word, id and time as any other text is") func otherFields() {
        let faults = #expect(throws: Faults.self) {
            try Note.shape.read(json: Array(#"{"title":"a","number":1,"colour":"\#(Self.escaped)","id":"\#(marks(31))"}"#.utf8))
        }
        #expect(faults?.list.map(\.type) == ["enum", "uuid_parsing"])
    }

    @Test("is no name, and neither is one of more than 256 bytes", arguments: [marks(31), escaped, String(repeating: "n", count: 257)])
    func name(_ name: String) {
        let faults = #expect(throws: Faults.self) { try Note.shape.read(json: Array(#"{"\#(name)":1}"#.utf8), unknown: .ignored) }
        #expect(faults?.list.map(\.type) == ["json_invalid"])
        #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(#"{"\#(name)":1}"#.utf8)) }
    }

    @Test("a name of 256 bytes may be written with an escape for each") func longName() throws {
        let name = String(repeating: #"\u006e"#, count: 256)
        #expect(try JSONValue(parsing: Array(#"{"\#(name)":1}"#.utf8))[String(repeating: "n", count: 256)]?.int == 1)
    }

    @Test("is refused where JSON of any form is read, and read where it is ours") func anyJSON() throws {
        let json = Array(#"{"a":["\#(marks(31))"]}"#.utf8)
        let fault = #expect(throws: JSONFault.self) { try JSONValue(parsing: json) }
        #expect(fault == JSONFault(.tooManyMarks, at: 6))
        #expect(try JSONValue(parsing: json, ours: true)["a"]?.elements == [.text(marks(31))])
    }

    @Test("names that only look alike are two members") func lookalikes() throws {
        let value = try JSONValue(parsing: Array(#"{"\#u{E9}":1,"e\#u{301}":2}"#.utf8))
        #expect(value["\u{E9}"]?.int == 1 && value["e\u{301}"]?.int == 2)
    }

    @Test("is a fault of its field in a form or query") func form() {
        let query = "title=a\(Percent.encode(marks(31)))&number=1"
        #expect(throws: Query.Fault.tooManyMarks(name: "title")) { try Query.parse(query) }
        #expect(throws: Query.Fault.tooManyMarks(name: "")) { try Query.parse("\(Percent.encode(marks(31)))=1") }
        #expect(Faults(Query.Fault.tooManyMarks(name: "title"))?.list.map(\.location) == ["title"])
        #expect(Faults(Query.Fault.tooManyMarks(name: ""))?.list.map(\.location) == ["body"])
        #expect(Faults(Query.Fault.notUTF8) == nil)
    }

    @Test("a comma with an accent parts a list as any other does") func comma() throws {
        #expect(try Note.shape.read(form: [("title", "a"), ("number", "1"), ("tags", "a,\u{301}b")]).tags == ["a", "\u{301}b"])
    }

    @Test("is no header's value, however it is hidden there") func header() {
        #expect(HeaderValue("form-data; name=\"\(marks(31))\"") == nil)
        #expect(HeaderValue("form-data; name=\"\(marks(30))\"") != nil)
        #expect(HeaderValue("form-data; filename*=UTF-8''\(Percent.encode(marks(31)))")?.extended("filename") == .some(nil))
        let hidden = marks(31).unicodeScalars.map { "\\\($0)" }.joined()
        #expect(ExtensionOffer.parse("x; y=\"\(hidden)\"") == nil)
    }

    @Test("is no namespace of Socket.IO, and no argument there") func socketIO() {
        var reader = SocketIO.Reader()
        #expect(throws: SocketIO.Fault.badNamespace) { try reader.read(text: Array("0/\(marks(31)),".utf8)) }
        #expect(throws: SocketIO.Fault.badPayload) { try reader.read(text: Array(#"2["say","\#(marks(31))"]"#.utf8)) }
        #expect(throws: SocketIO.Fault.badPayload) { try reader.read(text: Array(#"0{"\#(Self.escaped)":1}"#.utf8)) }
    }
}

private enum Colour: String, CaseIterable, Word { case red, green }

private struct Note: Shaped {
    var title = "", number = 0, tags: [String] = []
    var colour: Colour?
    var id: UUID?

    static let shape = Shape("Note", "A note", Note()) {
        Field("title", \.title, .text(1...100), "Its title")
        Field("number", \.number, .integer(), "Its number")
        Field("tags", \.tags, .list(of: .text(0...10), atMost: 5), "Its tags", required: false)
        Field("colour", \.colour, Kind<Colour>.word(Colour.self).orAbsent, "Its colour")
        Field("id", \.id, Kind<UUID>.uuid.orAbsent, "Its id")
    }
}
