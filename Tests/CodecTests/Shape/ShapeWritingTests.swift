import Codec
import Testing

@Suite("Writing by a shape") struct ShapeWritingTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("every field is written in the order of the shape") func all() {
        let draft = TicketDraft(
            title: "T", description: "\"D\"", priority: .veryHigh, tags: ["a"], requester: PersonDraft(email: "e"), count: 1)
        #expect(
            text(JSON.bytes(of: draft))
                == #"{"title":"T","description":"\"D\"","priority":"very_high","tags":["a"],"requester":{"email":"e"},"count":1}"#)
    }

    @Test("nil is null where it is optional and left out where it is absent") func absent() {
        #expect(
            text(JSON.bytes(of: TicketDraft())) == #"{"title":"","description":"","priority":null,"tags":[],"requester":null,"count":0}"#)
        #expect(text(JSON.bytes(of: TicketPatch())) == "{}")
        #expect(text(JSON.bytes(of: TicketPatch(title: "t", category: .null))) == #"{"title":"t","category":null}"#)
    }

    @Test("what is only written is made from the value") func made() {
        #expect(text(JSON.bytes(of: Tree(name: "a"))) == #"{"name":"a","watched":0,"children":[],"size":0}"#)
    }

    @Test("the fields of parts stand beside those of the whole, and each is its own part's") func parts() throws {
        let letter = Letter(number: 7, sender: .init(floor: 3, town: "Ulm"), receiver: .init(town: "Graz"))
        let json = #"{"to":"Graz","from":"Ulm","from_floor":3,"number":7}"#
        #expect(text(JSON.bytes(of: letter)) == json)
        #expect(try Letter.shape.outcome(json).get() == letter)
        #expect(try Letter.shape.read(form: [("from", "Ulm"), ("from_floor", "3"), ("number", "7"), ("to", "Graz")]) == letter)
        #expect(Letter.shape.faults(#"{"from":"","to_floor":100}"#) == ["from string_too_short", "to_floor less_than_equal", "to missing"])
    }

    @Test("what is written reads as the same value") func roundTrip() throws {
        var dice = Dice(1)
        for _ in 0..<300 {
            let value = Everything(
                number: Double(bitPattern: dice.next() & 0xBFFF_FFFF_FFFF_FFFF), flag: dice.below(2) == 0,
                id: UUID(high: dice.next(), low: dice.next()),
                time: Timestamp(milliseconds: Int64(dice.below(253_402_300_800_000))), word: dice.oneOf(Urgency.allCases),
                map: [ByteName(dice.text(upTo: 4)): dice.below(10)], free: .text(dice.text(upTo: 40)))
            #expect(try Everything.shape.read(json: JSON.bytes(of: value)) == value)
        }
    }

    @Test("faults write themselves as the contract has it") func faults() throws {
        guard case .failure(let faults) = TicketDraft.shape.outcome(#"{"title":"","description":"D"}"#) else { throw Unexpected() }
        var writer = JSONWriter()
        faults.write(to: &writer)
        #expect(
            text(writer.finish())
                == #"[{"location":"title","message":"String should have at least 1 character","type":"string_too_short","context":{"min_length":1}}]"#
        )
    }

    @Test("a schema says all that the shape does, and each shape is told once") func schema() throws {
        var components = SchemaComponents()
        var writer = JSONWriter()
        TicketDraft.shape.schema.write(to: &writer, meeting: &components)
        #expect(text(writer.finish()) == ##"{"$ref":"#/components/schemas/TicketDraft"}"##)
        components.write(to: &writer)
        let told = try JSONValue(parsing: writer.finish())
        let draft = try #require(told["TicketDraft"])
        #expect(draft["required"] == .list([.text("title"), .text("description")]))
        #expect(
            draft["properties"]?["title"]
                == .object([
                    .init("type", .text("string")), .init("minLength", .integer(1)), .init("maxLength", .integer(255)),
                    .init("description", .text("One line that says what is wrong")),
                ]))
        #expect(draft["properties"]?["priority"]?["anyOf"]?.elements?.last == .object([.init("type", .text("null"))]))
        #expect(draft["properties"]?["tags"]?["maxItems"] == .integer(20))
        #expect(draft["properties"]?["requester"]?["anyOf"]?.elements?.first?["$ref"] == .text("#/components/schemas/PersonDraft"))
        #expect(told["PersonDraft"] != nil)
    }

    @Test("a shape that holds itself is told once") func recursive() throws {
        var components = SchemaComponents()
        var writer = JSONWriter()
        Tree.shape.schema.write(to: &writer, meeting: &components)
        writer.reset()
        components.write(to: &writer)
        let told = try JSONValue(parsing: writer.finish())
        #expect(told["Tree"]?["properties"]?["children"]?["items"]?["$ref"] == .text("#/components/schemas/Tree"))
        #expect(told["Tree"]?["properties"]?["size"]?["readOnly"] == .bool(true))
    }
}
