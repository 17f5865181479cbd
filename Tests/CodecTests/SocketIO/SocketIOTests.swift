import Codec
import Testing

@Suite("Socket.IO packets") struct SocketIOTests {
    /// Reads messages as one packet.
    static func read(_ text: String, _ attachments: [[UInt8]] = [], _ bounds: SocketIO.Bounds = .init()) throws -> SocketIO.Packet? {
        var reader = SocketIO.Reader(bounds)
        var packet = try reader.read(text: Array(text.utf8))
        for bytes in attachments {
            #expect(packet == nil, "a packet before its attachments")
            packet = try reader.read(binary: bytes)
        }
        return packet
    }

    static let packets: [(SocketIO.Packet, String)] = [
        (.init(.connect(nil)), "0"), (.init(.connect(["token": "123"])), #"0{"token":"123"}"#),
        (.init(.connect(nil), in: "/admin"), "0/admin,"),
        (.init(.connect(["sid": "a"]), in: "/admin"), #"0/admin,{"sid":"a"}"#),
        (.init(.disconnect), "1"), (.init(.disconnect, in: "/admin"), "1/admin,"),
        (.init(.event("foo", [], id: nil)), #"2["foo"]"#), (.init(.event("bar", [], id: nil), in: "/admin"), #"2/admin,["bar"]"#),
        (.init(.event("foo", [1, "2", ["3": [true, nil]]], id: 12)), #"212["foo",1,"2",{"3":[true,null]}]"#),
        (.init(.event("foo", [-1, 0.5], id: 13), in: "/admin"), #"2/admin,13["foo",-1,0.5]"#),
        (.init(.ack([], id: 12)), "312[]"), (.init(.ack(["bar"], id: 0), in: "/admin"), #"3/admin,0["bar"]"#),
        (.init(.connectError(["message": "Not authorized"])), #"4{"message":"Not authorized"}"#),
        (.init(.event("foo", [["_placeholder": true, "num": 0]], id: nil)), #"2["foo",{"_placeholder":true,"num":0}]"#),
    ]

    @Test("a packet is written as the protocol says, and read as the same", arguments: packets)
    func written(packet: SocketIO.Packet, text: String) throws {
        #expect(packet.frames == [.text(Array("4\(text)".utf8))])
        #expect(try Self.read(text) == packet)
    }

    static let binary: [(SocketIO.Packet, String, [[UInt8]])] = [
        (.init(.event("baz", [.binary([1, 2, 3, 4])], id: nil)), #"51-["baz",{"_placeholder":true,"num":0}]"#, [[1, 2, 3, 4]]),
        (
            .init(.event("baz", [.binary([1]), ["a": [.binary([])]]], id: 5), in: "/admin"),
            #"52-/admin,5["baz",{"_placeholder":true,"num":0},{"a":[{"_placeholder":true,"num":1}]}]"#, [[1], []]
        ),
        (.init(.ack(["bar", .binary([9])], id: 15)), #"61-15["bar",{"_placeholder":true,"num":0}]"#, [[9]]),
    ]

    @Test("binary values are written behind a packet, and read as the same", arguments: binary)
    func attachments(packet: SocketIO.Packet, text: String, bytes: [[UInt8]]) throws {
        #expect(packet.frames == [.text(Array("4\(text)".utf8))] + bytes.map { .binary($0) })
        #expect(try Self.read(text, bytes) == packet)
    }

    static let otherSpellings: [(String, SocketIO.Packet)] = [
        ("0/random", .init(.connect(nil), in: "/random")), ("1/admin", .init(.disconnect, in: "/admin")),
        (#"2 [ "foo" , 1 ]"#, .init(.event("foo", [1], id: nil))), (#"50-["foo"]"#, .init(.event("foo", [], id: nil))),
        ("2[7]", .init(.event("7", [], id: nil))), ("60-1[]", .init(.ack([], id: 1))), (#"4"no""#, .init(.connectError("no"))),
        (#"2012["foo"]"#, .init(.event("foo", [], id: 12))),
    ]

    @Test("other spellings that clients may use are read", arguments: otherSpellings)
    func spellings(text: String, packet: SocketIO.Packet) throws { #expect(try Self.read(text) == packet) }

    @Test("JSON that is written already goes out as it is, and numbers that JSON has not as null")
    func raw() {
        let packet = SocketIO.Packet(.event("a", [.json(Array(#"{"x":1}"#.utf8)), .number(.infinity), .number(.nan)], id: nil))
        #expect(packet.frames == [.text(Array(#"42["a",{"x":1},null,null]"#.utf8))])
    }

    static let bad: [(String, SocketIO.Fault)] = [
        ("", .empty), ("7", .unknownType), ("a", .unknownType), ("-1", .unknownType), (" 2[\"a\"]", .unknownType),
        (#"["a"]"#, .unknownType),
        (#"5["a"]"#, .badAttachmentCount), (#"51["a"]"#, .badAttachmentCount), (#"5-["a"]"#, .badAttachmentCount),
        (#"5-1-["a"]"#, .badAttachmentCount), (#"51.0-["a"]"#, .badAttachmentCount), ("6", .badAttachmentCount),
        (#"517-["a"]"#, .tooManyAttachments), (#"59999999999999999-["a"]"#, .badAttachmentCount),
        ("0/\(String(repeating: "x", count: 128))", .namespaceTooLong),
        (#"29999999999999999["a"]"#, .badID), ("01", .badID), (#"01{"a":1}"#, .badID), ("11", .badID), (#"41{"message":"a"}"#, .badID),
        ("3[]", .badID), ("60-[]", .badID),
        ("0[]", .badPayload), (#"0"a""#, .badPayload), ("0null", .badPayload), ("1{}", .badPayload), ("1[]", .badPayload),
        ("2", .badPayload),
        ("2{}", .badPayload), ("2[]", .badPayload), (#"2["a""#, .badPayload), (#"2["a"]x"#, .badPayload), (#"2["a",]"#, .badPayload),
        (#"2["a",{"b":1,"b":2}]"#, .badPayload), (#"2["\ud800"]"#, .badPayload), ("2[\"\u{1}\"]", .badPayload),
        (#"2["a",01]"#, .badPayload),
        (#"2["a",1e999]"#, .badPayload), ("2\(String(repeating: "[", count: 65))", .badPayload), ("31{}", .badPayload), ("31", .badPayload),
        ("4", .badPayload), ("4[]", .badPayload), ("41", .badID), ("4null", .badPayload), ("2NaN", .badPayload),
        ("2[null]", .badEventName), ("2[1.5]", .badEventName), ("2[[]]", .badEventName), (#"2["connect"]"#, .badEventName),
        (#"2["connect_error"]"#, .badEventName), (#"2["disconnect"]"#, .badEventName), (#"2["disconnecting"]"#, .badEventName),
        (#"2["newListener"]"#, .badEventName), (#"2["removeListener"]"#, .badEventName),
        (#"50-["a",{"_placeholder":true,"num":0}]"#, .badPlaceholder),
    ]

    @Test("a message that is no packet is refused by name", arguments: bad)
    func refused(text: String, fault: SocketIO.Fault) {
        #expect(throws: fault) { try Self.read(text) }
    }

    static let badPlaceholders = [
        #"["a"]"#, #"["a",{"_placeholder":true,"num":1}]"#, #"["a",{"_placeholder":true,"num":-1}]"#, #"["a",{"_placeholder":true}]"#,
        #"["a",{"_placeholder":true,"num":"0"}]"#, #"["a",{"_placeholder":true,"num":0.5}]"#, #"["a",{"_placeholder":false,"num":0}]"#,
        #"["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#,
    ]

    @Test("every binary value has one place, and every place its value", arguments: badPlaceholders)
    func placeholders(json: String) {
        #expect(throws: SocketIO.Fault.badPlaceholder) { try Self.read("51-\(json)", [[1]]) }
    }

    @Test("text where bytes were to come is refused, and bytes that nobody announced")
    func order() throws {
        var reader = SocketIO.Reader()
        #expect(throws: SocketIO.Fault.unexpectedBinary) { try reader.read(binary: [1]) }
        reader = SocketIO.Reader()
        #expect(try reader.read(text: Array(#"51-["a",{"_placeholder":true,"num":0}]"#.utf8)) == nil)
        #expect(throws: SocketIO.Fault.missingAttachment) { try reader.read(text: Array(#"2["a"]"#.utf8)) }
    }

    @Test("a packet and its attachments are bounded together")
    func bounds() throws {
        var bounds = SocketIO.Bounds()
        bounds.bytes = 100
        let head = #"51-["a",{"_placeholder":true,"num":0}]"#
        let room = 100 - head.utf8.count
        #expect(try Self.read(head, [[UInt8](repeating: 1, count: room)], bounds) != nil)
        #expect(throws: SocketIO.Fault.tooLarge) { try Self.read(head, [[UInt8](repeating: 1, count: room + 1)], bounds) }
        #expect(throws: SocketIO.Fault.tooLarge) { try Self.read(#"2["\#(String(repeating: "x", count: 100))"]"#, [], bounds) }
    }
}
