import Codec
import Loop
import Testing

@testable import martlet

/// Keeps what is logged, as text.
final class Notebook: Sendable {
    private let bytes = Locked<[UInt8]>([])

    func log(_ level: LogLevel = .trace, _ format: LogFormat = .json) -> Log {
        Log(level: level, format: format, now: { 1_753_273_800_123 }) { block in self.bytes.withLock { $0 += block } }
    }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}

@Suite("Log lines") struct LogTests {
    @Test("a JSON line has time, level, message and its fields in order")
    func json() {
        let book = Notebook()
        let address = "127.0.0.1:3000"
        book.log().info(
            "listening", ["address": "\(address)", "loops": 2, "tls": false, "caller": .none, "took": .number(-5), "why": "plain"])
        #expect(
            book.text == """
                {"time":"2025-07-23T12:30:00.123Z","level":"info","message":"listening","address":"127.0.0.1:3000","loops":2,"tls":false,"caller":null,"took":-5,"why":"plain"}

                """)
    }

    @Test("a human line has the same in words")
    func human() {
        let book = Notebook()
        book.log(.trace, .human).warn(
            "it's \"late\"", ["address": "::1", "loops": 2, "name": "two words", "empty": "", "pair": "a=b", "none": .none])
        #expect(
            book.text
                == "2025-07-23T12:30:00.123Z WARN  it's \"late\" address=::1 loops=2 name=\"two words\" empty=\"\" pair=\"a=b\" none=-\n")
    }

    @Test("a level that is off writes nothing, and does not even make its message")
    func levels() {
        let order: [LogLevel] = [.trace, .debug, .info, .warn, .error]
        for (index, level) in (order + [.off]).enumerated() {
            let book = Notebook()
            let log = book.log(level)
            let made = Locked(0)
            func message() -> String {
                made.withLock { $0 += 1 }
                return "m"
            }
            log.trace(message())
            log.debug(message())
            log.info(message())
            log.warn(message())
            log.error(message())
            #expect(book.text.split(separator: "\n").count == 5 - index)
            #expect(made.withLock { $0 } == 5 - index)
            #expect(order.map { log.isOn($0) } == order.map { $0 >= level })
        }
    }

    @Test("every level is written by its name")
    func levelNames() {
        let book = Notebook()
        for format in [LogFormat.json, .human] {
            let log = book.log(.trace, format)
            log.trace("")
            log.debug("")
            log.info("")
            log.warn("")
            log.error("")
        }
        for name in ["trace", "debug", "info", "warn", "error"] {
            #expect(book.text.contains("\"level\":\"\(name)\""))
            #expect(book.text.contains("Z \(name.uppercased())"))
        }
    }

    @Test("added fields stand on every line, before the line's own")
    func context() {
        let book = Notebook()
        let log = book.log().adding(["request_id": "r1"]).adding(["job": 7])
        log.info("a", ["x": 1])
        log.info("b")
        #expect(book.text.contains("\"a\",\"request_id\":\"r1\",\"job\":7,\"x\":1}\n"))
        #expect(book.text.contains("\"b\",\"request_id\":\"r1\",\"job\":7}\n"))
    }

    @Test(
        "times are right to the millisecond, leap days and ends of years too",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (1_735_689_600_000, "2025-01-01T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.999Z"), (.max, "9999-12-31T23:59:59.999Z"),
        ])
    func times(milliseconds: Int, text: String) {
        var out = ByteWriter()
        out.appendLogLine(as: .json, time: milliseconds, .info, "m", [])
        #expect(out.text.hasPrefix("{\"time\":\"\(text)\","))
    }

    @Test("the clock tells milliseconds since 1970")
    func clock() {
        #expect((1_700_000_000_000..<10_000_000_000_000).contains(wallClock()))
    }
}

@Suite("Log escaping") struct LogEscapingTests {
    @Test(
        "whatever bytes come, the string stays one JSON string on one line",
        arguments: [
            (Array("plain".utf8), "plain"),
            ([], ""),
            (Array("żółw 🐢".utf8), "żółw 🐢"),
            (Array("a\"b\\c".utf8), "a\\\"b\\\\c"),
            (Array("a\nb\r\tc".utf8), "a\\nb\\r\\tc"),
            ([0, 0x1F, 0x7F], "\\u0000\\u001f\\u007f"),
            (Array("\u{1B}[31m".utf8), "\\u001b[31m"),
            (Array("\u{9B}31m".utf8), "\\u009b31m"),
            (Array("\u{2028}\u{2029}".utf8), "\\u2028\\u2029"),
            (Array("\u{202E}exe\u{2066}".utf8), "\\u202eexe\\u2066"),
            ([0xFF, 0x61], "\u{FFFD}a"),
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0xC3], "\u{FFFD}"),
            ([0xE2, 0x82], "\u{FFFD}\u{FFFD}"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF0, 0x9F, 0x0A, 0x22], "\u{FFFD}\u{FFFD}\\n\\\""),
            ([0xF4, 0x8F, 0xBF, 0xBF], "\u{10FFFF}"),
        ])
    func escaped(bytes: [UInt8], text: String) {
        var out = ByteWriter()
        bytes.withUnsafeBytes { out.appendJSON($0) }
        #expect(out.text == "\"\(text)\"")
    }

    @Test("every one of the 256 bytes, alone and before a quote, leaves no way out of the string")
    func everyByte() {
        for byte in UInt8.min...UInt8.max {
            for bytes in [[byte], [byte, UInt8(ascii: "\"")], [0xE2, byte, 0x80], [byte, byte, byte, byte]] {
                var out = ByteWriter()
                bytes.withUnsafeBytes { out.appendJSON($0) }
                let inner = out.array.dropFirst().dropLast()
                #expect(inner.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
                #expect(String(validating: out.array, as: UTF8.self) != nil)
                // Each quote within follows an odd number of backslashes.
                var backslashes = 0
                for byte in inner {
                    if byte == UInt8(ascii: "\"") { #expect(backslashes % 2 == 1) }
                    backslashes = byte == UInt8(ascii: "\\") ? backslashes + 1 : 0
                }
                #expect(backslashes % 2 == 0)
            }
        }
    }

    @Test("an odd byte is found wherever it stands in a string of any length")
    func everyPlace() {
        for odd in [0x00, 0x0A, 0x1F, 0x22, 0x5C, 0x7F, 0x80, 0xFF] as [UInt8] {
            for length in 1...26 {
                for place in 0..<length {
                    var bytes = [UInt8](repeating: UInt8(ascii: "~"), count: length)
                    bytes[place] = odd
                    var out = ByteWriter()
                    bytes.withUnsafeBytes { out.appendJSON($0) }
                    let inner = Array(out.array.dropFirst().dropLast())
                    #expect(
                        inner != bytes && inner.starts(with: bytes[..<place]) && inner.suffix(length - place - 1) == bytes[(place + 1)...])
                }
            }
        }
    }

    @Test("all plain ASCII is copied as it is")
    func plain() {
        let bytes = (UInt8(0x20)..<0x7F).filter { $0 != 0x22 && $0 != 0x5C }
        for length in 0...bytes.count {
            var out = ByteWriter()
            bytes[..<length].withUnsafeBytes { out.appendJSON($0) }
            #expect(Array(out.array.dropFirst().dropLast()) == Array(bytes[..<length]))
        }
    }

    @Test("a human line cannot be forged by a message or a field")
    func forged() {
        let book = Notebook()
        book.log(.trace, .human).info("a\n2025 ERROR forged\u{1B}[2J", ["name": "x\ny", "other": "a\u{9B}b"])
        #expect(book.text.split(separator: "\n").count == 1)
        #expect(book.text.hasSuffix("a\\n2025 ERROR forged\\u001b[2J name=\"x\\ny\" other=\"a\\u009bb\"\n"))
    }
}
