import Codec
import Testing

@Suite("Reading JSON") struct JSONReaderTests {
    /// Reads all of `json` with `read`.
    private func reading<Value>(_ json: String, _ read: (inout JSONReader) throws(JSONFault) -> Value) -> Result<Value, JSONFault> {
        let bytes = Array(json.utf8)
        return bytes.withUnsafeBytes { raw in
            var reader = JSONReader(raw)
            do throws(JSONFault) {
                let value = try read(&reader)
                try reader.finish()
                return .success(value)
            } catch { return .failure(error) }
        }
    }

    @Test("an object is walked by its names") func walk() throws {
        let seen = try reading(#" {"a":1,"b":[true,null],"c":{"d":"e"}} "#) { reader throws(JSONFault) in
            var seen: [String] = []
            try reader.beginObject()
            while let name = try reader.nextName() {
                seen.append(name.string ?? "")
                if name.equals("a") { seen.append(String(try reader.readInt())) } else { try reader.skipValue() }
            }
            return seen
        }.get()
        #expect(seen == ["a", "1", "b", "c"])
    }

    @Test("an array is walked by its elements") func elements() throws {
        let sum = try reading("[1, 2,3 ]") { reader throws(JSONFault) in
            var sum = 0
            try reader.beginArray()
            while try reader.nextElement() { sum += try reader.readInt() }
            return sum
        }.get()
        #expect(sum == 6)
    }

    @Test(
        "a string means what its escapes say",
        arguments: [
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#""\u0041\u00e9\u20AC\ud83d\ude00""#, "Aé€😀"),
            (#""\u0000""#, "\0"), (#""é€😀""#, "é€😀"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\uFFFF""#, "\u{FFFF}"),
        ])
    func strings(_ json: String, _ expected: String) throws {
        #expect(try reading(json) { reader throws(JSONFault) in try reader.readString() }.get() == expected)
    }

    @Test("a NUL is good JSON, and is told") func nul() throws {
        #expect(try reading(#""a\u0000""#) { reader throws(JSONFault) in try reader.readText().hasNUL }.get())
        #expect(try reading(#""a\\u0000""#) { reader throws(JSONFault) in try reader.readText().hasNUL }.get() == false)
    }

    @Test(
        "each fault of a string by name and place, wherever the eight-byte steps fall", arguments: 0..<9)
    func stringFaults(_ before: Int) {
        let pad = String(repeating: "x", count: before)
        let table: [([UInt8], JSONFault.Reason)] = [
            (Array("\u{1}\"".utf8), .controlCharacter), (Array("\\q\"".utf8), .badEscape), (Array("\\u12g4\"".utf8), .badEscape),
            (Array("\\ud800\"".utf8), .loneSurrogate), (Array("\\udc00\"".utf8), .loneSurrogate),
            (Array("\\ud800\\u0041\"".utf8), .loneSurrogate),
            (Array("\\ud800\\n\"".utf8), .loneSurrogate), ([0x80, 0x22], .notUTF8), ([0xC0, 0x80, 0x22], .notUTF8),
            ([0xC3, 0x22], .notUTF8),
            ([0xE0, 0x80, 0x80, 0x22], .notUTF8), ([0xED, 0xA0, 0x80, 0x22], .notUTF8), ([0xF0, 0x80, 0x80, 0x80, 0x22], .notUTF8),
            ([0xF4, 0x90, 0x80, 0x80, 0x22], .notUTF8), ([0xF5, 0x80, 0x80, 0x80, 0x22], .notUTF8), ([0xFF, 0x22], .notUTF8),
        ]
        for (bytes, reason) in table {
            let all = Array("\"\(pad)".utf8) + bytes
            #expect(throws: JSONFault(reason, at: before + 1)) { try JSONValue(parsing: all) }
        }
    }

    @Test(
        "numbers are exact",
        arguments: [
            ("0", JSONReader.Number.integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .double(0x1p63)), ("-9223372036854775809", .double(-0x1p63)),
            ("1.0", .double(1)), ("-0.0", .double(-0.0)), ("1e2", .double(100)), ("1E+2", .double(100)), ("25e-1", .double(2.5)),
            ("0.1", .double(0.1)), ("123456789.125", .double(123_456_789.125)), ("5e-324", .double(.leastNonzeroMagnitude)),
            ("1e-400", .double(0)),
            ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)), ("9007199254740993.0", .double(9_007_199_254_740_992)),
            ("0.000000000000000000000000000000000000001", .double(1e-39)),
            ("2.2250738585072011e-308", .double(Double.leastNormalMagnitude.nextDown)),
            ("100000000000000000000000", .double(1e23)), ("0e999999999999999999999", .double(0)),
        ])
    func numbers(_ json: String, _ expected: JSONReader.Number) throws {
        let got = try reading(json) { reader throws(JSONFault) in try reader.readNumber() }.get()
        #expect(got == expected)
    }

    @Test("numbers agree with the standard library, whichever way they are read") func doubles() throws {
        var dice = Dice(2)
        for _ in 0..<20_000 {
            let text =
                dice.below(2) == 0
                ? "\(Double(bitPattern: dice.next() & 0xBFEF_FFFF_FFFF_FFFF))"
                : "\(dice.below(1_000_000)).\(dice.below(100_000_000))e\(dice.below(60) - 30)"
            let expected = try #require(Double(text))
            #expect(try reading(text) { reader throws(JSONFault) in try reader.readDouble() }.get() == expected, "\(text)")
        }
    }

    @Test("a number that nothing holds is refused", arguments: ["1e309", "-1e309", "1e99999999999999999999"])
    func tooLarge(_ json: String) {
        #expect(reading(json) { reader throws(JSONFault) in try reader.readDouble() } == .failure(JSONFault(.numberTooLarge, at: 0)))
    }

    @Test(
        "no number of JSON",
        arguments: ["01", "-", "-a", "1.", ".5", "1e", "1e+", "+1", "0x1", "1_0", "NaN", "Infinity", "--1", "00", "-01"])
    func notNumbers(_ json: String) {
        if case .success = reading(json, { reader throws(JSONFault) in try reader.readNumber() }) { Issue.record("taken: \(json)") }
    }

    @Test("whole numbers are read as such, others are not") func whole() {
        #expect(reading("3.0") { reader throws(JSONFault) in try reader.readInt() } == .success(3))
        #expect(reading("3e2") { reader throws(JSONFault) in try reader.readInt() } == .success(300))
        #expect(reading("3.5") { reader throws(JSONFault) in try reader.readInt() } == .failure(JSONFault(.otherKind, at: 0)))
        #expect(reading("1e30") { reader throws(JSONFault) in try reader.readInt() } == .failure(JSONFault(.numberTooLarge, at: 0)))
        #expect(reading("\"3\"") { reader throws(JSONFault) in try reader.readInt() } == .failure(JSONFault(.otherKind, at: 0)))
    }

    @Test("sixty-four levels are taken and sixty-five refused") func depth() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
        #expect(throws: JSONFault(.tooDeep, at: 64)) { try JSONValue(parsing: nested(65)) }
        // Depth is what is open, not what was opened.
        #expect(throws: Never.self) { try JSONValue(parsing: Array(("[" + String(repeating: "[],", count: 200) + "[]]").utf8)) }
    }

    @Test("a name that comes twice is refused in a tree") func doubled() {
        #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(#"{"a":1,"\u0061":2}"#.utf8)) }
    }

    @Test("nothing that is cut short is taken") func cut() throws {
        var dice = Dice(3)
        for _ in 0..<200 {
            let bytes = JSONValue.list([JSONValue.random(&dice, depth: 3)]).bytes
            for end in 0..<bytes.count { #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(bytes[..<end])) } }
        }
    }

    @Test("no bytes crash the reader, and what it takes can be written and read again") func noise() throws {
        var dice = Dice(4)
        let pieces = ["{", "}", "[", "]", ",", ":", "\"", "\\", "u00", "1", "-", ".", "e", "true", "null", " ", "é", "\"a\""].map {
            Array($0.utf8)
        }
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<dice.below(12) { bytes += dice.below(8) == 0 ? dice.bytes(upTo: 3) : dice.oneOf(pieces) }
            if let value = try? JSONValue(parsing: bytes) { #expect(try JSONValue(parsing: value.bytes) == value) }
        }
    }
}

extension JSONValue {
    static func random(_ dice: inout Dice, depth: Int) -> JSONValue {
        switch dice.below(depth > 0 ? 7 : 5) {
        case 0: return .null
        case 1: return .bool(dice.below(2) == 0)
        case 2: return .integer(Int(truncatingIfNeeded: dice.next() >> UInt64(dice.below(64))))
        case 3: return .number(Double(dice.below(1000)) + 0.5)
        case 4: return .text(dice.text(upTo: 20))
        case 5: return .list((0..<dice.below(4)).map { _ in random(&dice, depth: depth - 1) })
        default:
            var members: [Member] = []
            for at in 0..<dice.below(4) { members.append(.init(dice.text(upTo: 5) + "\(at)", random(&dice, depth: depth - 1))) }
            return .object(members)
        }
    }
}
