import Codec
import HTTP
import Testing

@Suite("gzip") struct GzipTests {
    private func gzip(_ bytes: [UInt8], level: Int = 6) -> [UInt8] { bytes.withUnsafeBytes { Gzip.compress($0, level: level) } }

    /// Reads a gzip file as RFC 1952 describes it, with the head that has no optional fields.
    private func gunzip(_ file: [UInt8]) throws -> [UInt8] {
        try #require(file.count >= 18)
        #expect(Array(file[..<4]) == [0x1F, 0x8B, 8, 0])
        var inflater = Inflater(window: 15, keepsContext: false)
        var out = ByteWriter()
        try file[10..<(file.count - 8)].withUnsafeBytes { try inflater.append($0, to: &out, atMost: 10_000_000) }
        let end = file.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        #expect(end == UInt64(out.count) << 32 | UInt64(crc32(out.array)))
        return out.array
    }

    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }

    @Test("is read back as it was, at every level", arguments: 1...9) func levels(level: Int) throws {
        var random = SplitMix(seed: UInt64(level))
        for size in [0, 1, 1024, 200_000] {
            let body = (0..<size).map { $0 % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : UInt8(ascii: "x") }
            #expect(try gunzip(gzip(body, level: level)) == body)
        }
    }

    @Test("is the same for the same bytes, whatever the thread compressed before") func repeats() {
        let body = Array(String(repeating: "{\"id\":1,\"title\":\"Printer on fire\"},", count: 100).utf8)
        let first = gzip(body)
        _ = gzip([UInt8](repeating: 9, count: 100_000), level: 1)
        #expect(gzip(body) == first)
        #expect(first.count < body.count / 10)
    }

    @Test("is smaller at level 9 than at level 1") func levelCounts() {
        var random = SplitMix(seed: 3)
        let words = ["ticket", "customer", "printer", "is", "on", "fire", "again", "since", "Monday", "please"]
        let body = Array((0..<5000).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ").utf8)
        #expect(gzip(body, level: 9).count < gzip(body, level: 1).count)
    }

    @Test("is appended to what is there") func appends() throws {
        var out = ByteWriter()
        out.append("head")
        Array("body".utf8).withUnsafeBytes { Gzip.append($0, to: &out) }
        #expect(Array(out.array.prefix(4)) == Array("head".utf8))
        #expect(try gunzip(Array(out.array.dropFirst(4))) == Array("body".utf8))
    }
}

/// A generator that a failing test can be run again with.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
