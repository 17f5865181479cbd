import Codec
import Testing

@Suite("Engine.IO packets") struct EngineIOTests {
    static let packets: [(EngineIO.Packet, String)] = [
        (.open(Array("{}".utf8)), "0{}"), (.close, "1"), (.ping([]), "2"), (.ping(EngineIO.probe), "2probe"), (.pong([]), "3"),
        (.pong(EngineIO.probe), "3probe"), (.text(Array("hello".utf8)), "4hello"), (.text([]), "4"), (.text(Array("ä€𝄞".utf8)), "4ä€𝄞"),
        (.upgrade, "5"), (.noop, "6"),
    ]

    @Test("a packet is written as the protocol says, and read as the same", arguments: packets)
    func written(packet: EngineIO.Packet, text: String) throws {
        #expect(packet.frame == .text(Array(text.utf8)))
        #expect(try EngineIO.Packet(text: Array(text.utf8)) == packet)
    }

    @Test("a binary message is its bytes")
    func binary() { #expect(EngineIO.Packet.binary([1, 2, 3]).frame == .binary([1, 2, 3])) }

    static let payloads: [([EngineIO.Packet], String)] = [
        ([.text(Array("hello".utf8))], "4hello"),
        ([.text(Array("a".utf8)), .ping([]), .text(Array("b".utf8))], "4a\u{1E}2\u{1E}4b"),
        ([.text(Array("hello".utf8)), .binary([1, 2, 3, 4])], "4hello\u{1E}bAQIDBA=="),
        ([.binary([])], "b"),
    ]

    @Test("a payload is written as the protocol says, and read as the same", arguments: payloads)
    func payload(packets: [EngineIO.Packet], text: String) throws {
        var out = ByteWriter()
        EngineIO.Payload.append(packets.map(\.frame), to: &out)
        #expect(out.text == text)
        #expect(try EngineIO.Payload.parse(Array(text.utf8)) == packets)
    }

    @Test("the handshake names its members in the protocol's order")
    func handshake() {
        let handshake = EngineIO.Handshake(
            sid: "lv_VI97HAXpY6yYWAAAC", upgrades: ["websocket"], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1_000_000)
        let json = #"{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        #expect(handshake.packet == .open(Array(json.utf8)))
    }

    @Test("complaints have the official server's numbers and words")
    func complaints() {
        let texts = EngineIO.Complaint.allCases.map { String(decoding: $0.json, as: UTF8.self) }
        #expect(
            texts == [
                #"{"code":0,"message":"Transport unknown"}"#, #"{"code":1,"message":"Session ID unknown"}"#,
                #"{"code":2,"message":"Bad handshake method"}"#, #"{"code":3,"message":"Bad request"}"#,
                #"{"code":4,"message":"Forbidden"}"#, #"{"code":5,"message":"Unsupported protocol version"}"#,
            ])
    }

    static let bad: [(String, EngineIO.Fault)] = [
        ("", .empty), ("\u{1E}", .empty), ("4a\u{1E}", .empty), ("\u{1E}4a", .empty), ("4a\u{1E}\u{1E}4b", .empty),
        ("abc", .unknownType), ("7", .unknownType), ("9hello", .unknownType), (" 4a", .unknownType), ("/", .unknownType),
        (":", .unknownType),
        ("\u{0}", .unknownType), ("4a\u{1E}x", .unknownType), ("é", .unknownType), ("B AQID", .unknownType),
        ("1x", .strayData), ("5probe", .strayData), ("6noop", .strayData), ("1 ", .strayData),
        ("bA", .notBase64), ("bAQID=", .notBase64), ("b====", .notBase64), ("bAQ=D", .notBase64), ("bAQ\n=", .notBase64),
        ("b-_-_", .notBase64), ("bAQJ=", .notBase64), ("b\u{0}\u{0}\u{0}\u{0}", .notBase64), ("4a\u{1E}bx", .notBase64),
    ]

    @Test("a payload that is none is refused by name", arguments: bad)
    func refused(text: String, fault: EngineIO.Fault) {
        #expect(throws: fault) { try EngineIO.Payload.parse(Array(text.utf8)) }
    }

    @Test(
        "text that is not UTF-8 is refused, wherever it stands",
        arguments: [[0xFF], [0x34, 0xC3], [0x34, 0xED, 0xA0, 0x80], [0x34, 0x1E, 0x80]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: EngineIO.Fault.notUTF8) { try EngineIO.Payload.parse(bytes) }
    }

    @Test("a payload has a bounded number of packets")
    func tooMany() throws {
        let most = Array(repeating: "4", count: 10).joined(separator: "\u{1E}")
        #expect(try EngineIO.Payload.parse(Array(most.utf8), atMost: 10).count == 10)
        #expect(throws: EngineIO.Fault.tooManyPackets) { try EngineIO.Payload.parse(Array((most + "\u{1E}4").utf8), atMost: 10) }
    }
}
