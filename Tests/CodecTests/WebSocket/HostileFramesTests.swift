import Codec
import Testing

/// Bytes that no client of good will sends, and the close code each must get.
@Suite("What a WebSocket reader refuses") struct HostileFramesTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: UInt16
        let bytes: [UInt8]
        /// What is read before it comes to the fault.
        let before: [Seen]
        let compressed: Bool

        init(_ what: String, _ code: UInt16, _ bytes: [UInt8], before: [Seen] = [], compressed: Bool = false) {
            testDescription = what
            self.code = code
            self.bytes = bytes
            self.before = before
            self.compressed = compressed
        }
    }

    static let bits: [Shape] = [
        Shape("RSV1 when no compression was agreed upon", 1002, frame(0xC1, [1])),
        Shape("RSV2", 1002, frame(0xA1, [1])),
        Shape("RSV3", 1002, frame(0x91, [1])),
        Shape("all reserved bits", 1002, frame(0xF1, [1])),
        Shape("RSV2 with compression", 1002, frame(0xE1, [1]), compressed: true),
        Shape("RSV1 on a ping", 1002, frame(0xC9), compressed: true),
        Shape("RSV1 on a pong", 1002, frame(0xCA), compressed: true),
        Shape("RSV1 on a close", 1002, frame(0xC8), compressed: true),
        Shape("RSV1 on a continuation", 1002, frame(0x41, [1]) + frame(0xC0, [2]), compressed: true),
        Shape("RSV1 on a message after a plain one", 1002, frame(.text, [65]) + frame(0xC2, [1]), before: [.text("A")]),
    ]

    static let opcodes: [Shape] =
        [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF].map { Shape("opcode \($0)", 1002, frame(0x80 | $0)) } + [
            Shape("an opcode that does not exist, after a message", 1002, frame(.text, [65]) + frame(0x83), before: [.text("A")])
        ]

    static let control: [Shape] = [
        Shape("a ping in pieces", 1002, frame(0x09, [1])),
        Shape("a pong in pieces", 1002, frame(0x0A, [1])),
        Shape("a close in pieces", 1002, frame(0x08, [3, 0xE8])),
        Shape("a ping of 126 bytes", 1002, frame(.ping, [UInt8](repeating: 1, count: 126))),
        Shape("a pong of 126 bytes", 1002, frame(.pong, [UInt8](repeating: 1, count: 126))),
        Shape("a close of 126 bytes", 1002, frame(.close, [3, 0xE8] + [UInt8](repeating: 65, count: 124))),
        Shape("a ping whose length has eight bytes", 1002, frame(.ping, claims: 1 << 40)),
        Shape("a small ping in the form of a large one", 1002, frame(.ping, [1], form: 16)),
    ]

    static let lengths: [Shape] = [
        Shape("0 in two bytes", 1002, frame(.binary, [], form: 16)),
        Shape("125 in two bytes", 1002, frame(.binary, [UInt8](repeating: 1, count: 125), form: 16)),
        Shape("125 in eight bytes", 1002, frame(.binary, [UInt8](repeating: 1, count: 125), form: 64)),
        Shape("65,535 in eight bytes", 1002, frame(.binary, [UInt8](repeating: 1, count: 65_535), form: 64)),
        Shape("the top bit of 63", 1002, frame(.binary, claims: 1 << 63)),
        Shape("every bit of 64", 1002, frame(.binary, claims: .max)),
        Shape("the largest that may be said", 1009, frame(.binary, claims: 1 << 63 - 1)),
        Shape("one byte more than is taken", 1009, frame(.binary, claims: 100_001)),
        Shape(
            "one byte more than is taken, in two frames", 1009,
            frame(.binaryBegins, [UInt8](repeating: 1, count: 100_000)) + frame(.ends, [1])),
        Shape("a second frame whose length makes the sum run over", 1009, frame(.binaryBegins, [1]) + frame(.ends, claims: 1 << 63 - 1)),
        Shape("a compressed message larger than is taken", 1009, frame(0xC2, claims: 100_001), compressed: true),
    ]

    static let order: [Shape] = [
        Shape("a continuation of nothing", 1002, frame(.goesOn, [65])),
        Shape("the end of nothing", 1002, frame(.ends, [65])),
        Shape("a continuation after a whole message", 1002, frame(.text, [65]) + frame(.ends, [65]), before: [.text("A")]),
        Shape("a text inside a text", 1002, frame(.textBegins, [65]) + frame(.text, [65])),
        Shape("a binary inside a text", 1002, frame(.textBegins, [65]) + frame(.binaryBegins, [65])),
        Shape(
            "a text inside a text, after a ping", 1002, frame(.textBegins, [65]) + frame(.ping) + frame(.text, [65]),
            before: [.ping([])]),
        Shape("a frame without a mask", 1002, frame(.text, [65], mask: nil)),
        Shape("a ping without a mask", 1002, frame(.ping, mask: nil)),
        Shape("a close without a mask", 1002, frame(.close, mask: nil)),
        Shape("a second frame without a mask", 1002, frame(.textBegins, [65]) + frame(.ends, [66], mask: nil)),
    ]

    static let texts: [Shape] = [
        Shape("a byte that no UTF-8 has", 1007, frame(.text, [65, 0xFF])),
        Shape("a lone continuation byte", 1007, frame(.text, [0x80])),
        Shape("an overlong slash", 1007, frame(.text, [0xC0, 0xAF])),
        Shape("an overlong scalar of three bytes", 1007, frame(.text, [0xE0, 0x80, 0xAF])),
        Shape("a surrogate", 1007, frame(.text, [0xED, 0xA0, 0x80])),
        Shape("a scalar past U+10FFFF", 1007, frame(.text, [0xF4, 0x90, 0x80, 0x80])),
        Shape("a text that ends inside a scalar", 1007, frame(.text, [0xE2, 0x82])),
        Shape("a text of two frames that ends inside a scalar", 1007, frame(.textBegins, [65]) + frame(.ends, [0xE2, 0x82])),
        Shape("a scalar cut by two frames and gone bad", 1007, frame(.textBegins, [0xE2]) + frame(.ends, [0x28])),
        Shape("a bad byte in the first of many frames", 1007, frame(.textBegins, [0xFF])),
        Shape("a bad byte at the front of a frame that never ends", 1007, frame(.text, [0xFE], claims: 90_000)),
    ]

    static let closes: [Shape] =
        [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map { (code: UInt16) in
            Shape("close code \(code)", 1002, frame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)]))
        } + [
            Shape("half a close code", 1002, frame(.close, [3])),
            Shape("a close reason that is not UTF-8", 1007, frame(.close, [3, 0xE8, 0xFF])),
            Shape("a close reason that ends inside a scalar", 1007, frame(.close, [3, 0xE8, 0xE2, 0x82])),
            Shape("a bad close code and a bad reason", 1002, frame(.close, [0, 0, 0xFF])),
        ]

    static let all = bits + opcodes + control + lengths + order + texts + closes

    @Test("closes with the code that fits", arguments: all) func code(_ shape: Shape) {
        #expect(hear([shape.bytes], compressed: shape.compressed) == shape.before + [.fault(shape.code)])
    }

    @Test("says the same however the bytes are cut", arguments: all.filter { $0.bytes.count < 1000 }) func cut(_ shape: Shape) {
        let pieces = shape.bytes.map { [$0] }
        #expect(hear(pieces, compressed: shape.compressed) == shape.before + [.fault(shape.code)])
        for cut in 0...shape.bytes.count {
            let pieces = [Array(shape.bytes[..<cut]), Array(shape.bytes[cut...])]
            #expect(hear(pieces, compressed: shape.compressed) == shape.before + [.fault(shape.code)])
        }
    }

    @Test("as a client refuses a masked frame") func maskedFromServer() {
        #expect(hear([frame(.text, [65])], as: .client) == [.fault(1002)])
    }

    @Test("swallows what comes after a fault") func afterFault() {
        #expect(hear([frame(0x83), frame(.text, [65])]) == [.fault(1002)])
    }

    @Test("finds a bad byte when it comes, before its frame is whole") func failsFast() {
        let bytes = frame(.text, [65, 66, 0xFF, 67])
        #expect(hear([Array(bytes[..<(bytes.count - 2)])]) == [Seen]())
        #expect(hear([Array(bytes[..<(bytes.count - 1)])]) == [.fault(1007)])
    }

    @Test("finds a wrong head before its payload is there") func refusesHeadsEarly() {
        #expect(hear([[0x83]]) == [.fault(1002)])
        #expect(hear([[.ping, 0xFE]]) == [.fault(1002)])
        #expect(hear([frame(.binary, claims: 100_001)]) == [.fault(1009)])
    }
}
