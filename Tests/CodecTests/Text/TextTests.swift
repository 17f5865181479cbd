import Codec
import Testing

@Suite("UTF-8") struct UTF8CheckTests {
    static let good: [[UInt8]] = [
        "", "a", "héllo", "€", "😀", "\u{0}", "\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}",
        String(repeating: "x", count: 100) + "é",
    ]
    .map { Array($0.utf8) }
    static let bad: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2, 0x41], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
        [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE2, 0x82, 0x41], [0xF0, 0x9F, 0x98, 0x41],
    ]

    @Test("what is UTF-8 is taken", arguments: good) func taken(_ bytes: [UInt8]) { #expect(UTF8Check.accepts(bytes)) }

    @Test("what is not is refused, also behind plain text", arguments: bad)
    func refused(_ bytes: [UInt8]) {
        for pad in 0..<20 { #expect(!UTF8Check.accepts([UInt8](repeating: 0x61, count: pad) + bytes)) }
    }

    @Test(
        "a scalar that is not over is neither refused nor finished", arguments: [[0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98]] as [[UInt8]])
    func unfinished(_ bytes: [UInt8]) {
        var check = UTF8Check()
        #expect(bytes.withUnsafeBytes { check.feed($0) })
        #expect(!check.isFinished)
    }

    @Test("once refused it stays refused") func stays() {
        var check = UTF8Check()
        #expect(![0xFF].withUnsafeBytes { check.feed($0) })
        #expect(![0x61].withUnsafeBytes { check.feed($0) } && !check.isFinished)
    }

    @Test("however it is cut, the answer is the same, and the standard library's") func cuts() {
        var dice = Dice(6)
        for _ in 0..<20_000 {
            let bytes = dice.below(2) == 0 ? dice.bytes(upTo: 6) : Array(dice.text(upTo: 30).utf8) + dice.bytes(upTo: 1)
            var check = UTF8Check()
            var taken = true
            for range in dice.cuts(of: bytes.count) { taken = Array(bytes[range]).withUnsafeBytes { check.feed($0) } && taken }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect((taken && check.isFinished) == expected, "\(bytes)")
            #expect(UTF8Check.accepts(bytes) == expected)
        }
    }
}

@Suite("Percent, query and form") struct QueryTests {
    private func pairs(_ text: String) -> [String]? { (try? Query.parse(text))?.map { "\($0)=\($1)" } }

    @Test(
        "pairs come in order, decoded once",
        arguments: [
            ("", []), ("a=b&c=d", ["a=b", "c=d"]), ("a", ["a="]), ("a=", ["a="]), ("=b", ["=b"]), ("a=b=c", ["a=b=c"]), ("&&a=b&", ["a=b"]),
            ("a+b=c+d", ["a b=c d"]), ("a%2Bb=%26%3D", ["a+b=&="]), ("%61=%e2%82%ac", ["a=€"]), ("a=%2541", ["a=%41"]),
            ("a=1&a=2", ["a=1", "a=2"]),
        ])
    func parse(_ text: String, _ expected: [String]) { #expect(pairs(text) == expected) }

    @Test("a bad escape", arguments: ["a=%", "a=%4", "a=%4g", "%zz=1", "a=%%41"])
    func badEscape(_ text: String) { #expect(throws: Query.Fault.badEscape) { try Query.parse(text) } }

    @Test("bytes that are not UTF-8", arguments: ["a=%ff", "%c3=1", "a=%ed%a0%80"])
    func notUTF8(_ text: String) { #expect(throws: Query.Fault.notUTF8) { try Query.parse(text) } }

    @Test("two hundred pairs are taken and one more is not") func tooMany() throws {
        let most = Array(repeating: "a=b", count: 200).joined(separator: "&")
        #expect(try Query.parse(most).count == 200)
        #expect(throws: Query.Fault.tooManyPairs) { try Query.parse(most + "&c") }
    }

    @Test("pairs written read back the same, and cut at any pair they are the same") func roundTrip() throws {
        var dice = Dice(7)
        for _ in 0..<500 {
            let original = (0..<dice.below(6)).map { _ in ("n" + dice.text(upTo: 8), dice.text(upTo: 12)) }
            let bytes = Form.write(original)
            let read = try bytes.withUnsafeBytes { try Form.parse($0) }
            #expect(read.map(\.0) == original.map(\.0) && read.map(\.1) == original.map(\.1))
            for cut in bytes.indices where bytes[cut] == UInt8(ascii: "&") {
                let halves = try [Array(bytes[..<cut]), Array(bytes[cut...])].flatMap { half in
                    try half.withUnsafeBytes { try Form.parse($0) }
                }
                #expect(halves.map(\.0) == original.map(\.0) && halves.map(\.1) == original.map(\.1))
            }
            for cut in bytes.indices { _ = try? Array(bytes[..<cut]).withUnsafeBytes { try Form.parse($0) } }
        }
    }

    @Test("a path keeps its slashes, a segment does not") func paths() {
        #expect(Percent.encode("a/b c?é") == "a%2Fb%20c%3F%C3%A9")
        #expect(Percent.encodePath("a/b c") == "a/b%20c")
        #expect(Array("a%2Fb+c".utf8).withUnsafeBytes { Percent.text($0) } == "a/b+c")
        #expect(Array("%ff".utf8).withUnsafeBytes { Percent.text($0) } == nil)
    }
}

@Suite("Comparing without regard to case") struct IgnoringCaseTests {
    private func areSame(_ text: String, _ lower: StaticString) -> Bool {
        Array(text.utf8).withUnsafeBytes { $0.equalsIgnoringCase(lower) }
    }

    @Test("ASCII's letters are the same in either case") func letters() {
        #expect(areSame("Keep-Alive", "keep-alive") && areSame("KEEP-ALIVE", "keep-alive") && areSame("", ""))
        #expect(areSame("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"))
    }

    @Test("other bytes are only what they are, and every one counts", arguments: ["`az{", "@az", "@az[[", "\u{0}AZ[", "@AZ{"])
    func others(_ text: String) { #expect(!areSame(text, "@az[") && areSame("@AZ[", "@az[")) }

    @Test("a letter beyond ASCII that looks alike is another") func lookalikes() {
        #expect(!areSame("\u{212A}eep-alive", "keep-alive") && !areSame("É", "é"))
    }
}

@Suite("Base64") struct Base64Tests {
    @Test(
        "RFC 4648's own examples",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func examples(_ plain: String, _ text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text) == Array(plain.utf8))
    }

    @Test("the alphabets differ in two characters") func alphabets() {
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
        #expect(Base64.encode([0xFB, 0xFF], .url, padded: false) == "-_8")
        #expect(Base64.decode("-_8=") == nil && Base64.decode("+/8", .url, padded: false) == nil)
    }

    @Test(
        "only what would be written is read",
        arguments: ["Zg=", "Zg", "Zh==", "Zm9=", "Z", "Zg===", "Zg==\n", " Zg==", "Zm9v=", "====", "Zg==Zg==", "Z=g=", "Zm9vY==="])
    func strict(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test("unpadded means no padding", arguments: ["Zg==", "Zh", "Z", "Zm9"]) func unpadded(_ text: String) {
        #expect(Base64.decode(text, .url, padded: false) == nil)
    }

    @Test("all bytes read back, in both alphabets, padded and not") func roundTrip() {
        var dice = Dice(8)
        for _ in 0..<500 {
            let bytes = dice.bytes(upTo: 50)
            for padded in [true, false] {
                #expect(Base64.decode(Base64.encode(bytes, padded: padded), padded: padded) == bytes)
                #expect(Base64.decode(Base64.encode(bytes, .url, padded: padded), .url, padded: padded) == bytes)
            }
        }
    }
}
