import Codec
import Testing

@Suite("A WebSocket reader") struct WebSocketReaderTests {
    /// A conversation with every kind of frame: whole and in pieces, empty, of each form of length, control frames between.
    static let conversation: [UInt8] =
        frame(.text, Array("Grüße".utf8))
        + frame(.textBegins, [0xE2]) + frame(.ping, [1, 2, 3]) + frame(.goesOn, [0x82]) + frame(.goesOn) + frame(.ends, [0xAC])
        + frame(.binary, [UInt8](repeating: 7, count: 125))
        + frame(.binaryBegins, [UInt8](repeating: 8, count: 126)) + frame(.pong) + frame(.ends, [9])
        + frame(0xC1, [0xFF, 0xFE]) + frame(0x42, [1]) + frame(.ends, [2])
        + frame(.text) + frame(.ping, [UInt8](repeating: 5, count: 125))
        + frame(.close, [0x03, 0xE9] + Array("bis später".utf8))

    static let heard: [Seen] = [
        .text("Grüße"), .ping([1, 2, 3]), .text("€"), .binary([UInt8](repeating: 7, count: 125)), .pong([]),
        .binary([UInt8](repeating: 8, count: 126) + [9]), .compressed(.text, [0xFF, 0xFE]), .compressed(.binary, [1, 2]),
        .text(""), .ping([UInt8](repeating: 5, count: 125)), .close(1001, "bis später"),
    ]

    @Test("hears a whole conversation in one piece") func onePiece() {
        #expect(hear([Self.conversation], compressed: true) == Self.heard)
    }

    @Test("hears the same when it is cut at any byte") func cutAnywhere() {
        for cut in 0...Self.conversation.count {
            let pieces = [Array(Self.conversation[..<cut]), Array(Self.conversation[cut...])]
            #expect(hear(pieces, compressed: true) == Self.heard, "cut at \(cut)")
        }
    }

    @Test("hears the same when it comes byte by byte") func byteByByte() {
        #expect(hear(Self.conversation.map { [$0] }, compressed: true) == Self.heard)
    }

    @Test("hears the same when it comes in random pieces", arguments: 0..<50) func randomPieces(seed: Int) {
        var dice = Dice(UInt64(seed))
        var rest = Self.conversation[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let size = min(rest.count, Int.random(in: 0...40, using: &dice))
            pieces.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        #expect(hear(pieces, compressed: true) == Self.heard)
    }

    @Test("takes messages as large as its bound, and not a byte more") func bound() {
        let largest = [UInt8](repeating: 3, count: 100_000)
        #expect(hear([frame(.binary, largest)]) == [.binary(largest)])
        #expect(hear([frame(.binaryBegins, Array(largest[..<70_000])) + frame(.ends, Array(largest[70_000...]))]) == [.binary(largest)])
        #expect(hear([frame(.binary, largest + [3])]) == [.fault(1009)])
    }

    @Test("takes lengths at the borders of their forms", arguments: [0, 1, 125, 126, 127, 65_535, 65_536]) func forms(length: Int) {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(hear([frame(.binary, payload)]) == [.binary(payload)])
        #expect(hear([frame(.binary, payload, mask: nil)], as: .client) == [.binary(payload)])
    }

    @Test("takes every close code that may be sent", arguments: [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4999])
    func closeCodes(code: UInt16) {
        #expect(hear([frame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)])]) == [.close(code, "")])
    }

    @Test("takes a close without a code") func bareClose() {
        #expect(hear([frame(.close)]) == [.close(nil, "")])
    }

    @Test("swallows what comes after a close") func afterClose() {
        #expect(hear([frame(.close) + frame(.text, [65]), frame(0x83)]) == [.close(nil, "")])
    }

    @Test("leaves what it has not read yet in the input, untouched") func leavesTheRest() throws {
        var bytes = frame(.text, [65]) + frame(.text, [66])
        let second = frame(.text, [66])
        try bytes.withUnsafeMutableBytes { memory in
            var reader = WebSocketReader(role: .server, maximumMessage: 100)
            var input = memory
            _ = try reader.next(&input)
            #expect([UInt8](input) == second)
        }
    }

    @Test("knows whether something is half read") func halfRead() throws {
        var bytes = frame(.text, [65]) + frame(.textBegins, [66])
        var settled: [Bool] = []
        try bytes.withUnsafeMutableBytes { memory in
            var reader = WebSocketReader(role: .server, maximumMessage: 100)
            settled.append(reader.isBetweenMessages)
            for piece in [0..<1, 1..<6, 6..<7, 7..<14] {
                var input = UnsafeMutableRawBufferPointer(rebasing: memory[piece])
                while try reader.next(&input) != nil {}
                settled.append(reader.isBetweenMessages)
            }
        }
        #expect(settled == [true, false, false, true, false])
    }
}
