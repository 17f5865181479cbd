import Codec
import Testing

@Suite("A WebSocket writer") struct WebSocketWriterTests {
    private func written(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, compressed: Bool = false, mask: UInt32? = nil)
        -> [UInt8]
    {
        var out = ByteWriter()
        payload.withUnsafeBytes { WebSocketWriter.append(opcode, $0, isFinal: isFinal, compressed: compressed, mask: mask, to: &out) }
        return out.array
    }

    private func closed(_ code: CloseCode?, _ reason: String = "") -> [UInt8] {
        var out = ByteWriter()
        WebSocketWriter.append(close: code, reason: reason, to: &out)
        return out.array
    }

    @Test("writes the frames of RFC 6455 section 5.7") func examples() {
        let hello = Array("Hello".utf8)
        #expect(written(.text, hello) == [0x81, 0x05] + hello)
        let mask = UInt32(littleEndian: 0x3D21_FA37)
        #expect(written(.text, hello, mask: mask) == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        #expect(written(.text, Array("Hel".utf8), isFinal: false) == [0x01, 0x03, 0x48, 0x65, 0x6C])
        #expect(written(.continuation, Array("lo".utf8)) == [0x80, 0x02, 0x6C, 0x6F])
        #expect(written(.ping, hello) == [0x89, 0x05] + hello)
        #expect(Array(written(.binary, [UInt8](repeating: 0, count: 256)).prefix(4)) == [0x82, 0x7E, 0x01, 0x00])
        #expect(Array(written(.binary, [UInt8](repeating: 0, count: 65_536)).prefix(10)) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test("sets RSV1 on a compressed message") func compressed() {
        #expect(written(.text, [1], compressed: true) == [0xC1, 1, 1])
    }

    @Test("writes what a reader reads, whatever the length and the mask", arguments: [0, 1, 3, 8, 15, 125, 126, 4099, 65_535, 65_536])
    func roundTrip(length: Int) {
        var dice = Dice(UInt64(length))
        let payload = (0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }
        #expect(hear([written(.binary, payload)], as: .client) == [.binary(payload)])
        for mask in [0, 1, 0x0102_0304, UInt32.max, .random(in: 0...(.max), using: &dice)] {
            #expect(hear([written(.binary, payload, mask: mask)]) == [.binary(payload)])
        }
    }

    @Test("appends to what is there") func appends() {
        var out = ByteWriter()
        out.append("x")
        [UInt8]("y".utf8).withUnsafeBytes { WebSocketWriter.append(.text, $0, to: &out) }
        #expect(out.array == [0x78, 0x81, 1, 0x79])
    }

    @Test("writes a close with code and reason, with a code, and bare") func closes() {
        #expect(closed(.goingAway, "bye") == [0x88, 5, 3, 0xE9] + Array("bye".utf8))
        #expect(closed(.normal) == [0x88, 2, 3, 0xE8])
        #expect(closed(nil, "said to nobody") == [0x88, 0])
    }

    @Test("cuts a close reason that is too long between two characters") func longReason() {
        let frame = closed(.policy, String(repeating: "ö", count: 100))
        #expect(hear([frame], as: .client) == [.close(1008, String(repeating: "ö", count: 61))])
    }
}

@Suite("A frame's head") struct FrameHeadTests {
    @Test("is read back as it was written", arguments: [0, 1, 125, 126, 65_535, 65_536, 1 << 40, Int.max]) func roundTrip(length: Int)
        throws
    {
        for head in [
            FrameHead(.text, length: length), FrameHead(.binary, length: length, isFinal: false, isCompressed: true),
            FrameHead(.continuation, length: length, mask: 0xDEAD_BEEF),
        ] {
            var out = ByteWriter()
            head.write(to: &out)
            try out.withUnsafeBytes { bytes in
                let parsed = try #require(try FrameHead.parse(bytes))
                #expect(parsed.head == head)
                #expect(parsed.size == bytes.count)
                for short in 0..<bytes.count {
                    #expect(try FrameHead.parse(UnsafeRawBufferPointer(rebasing: bytes[..<short])) == nil)
                }
            }
        }
    }
}
