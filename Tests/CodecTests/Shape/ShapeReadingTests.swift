import Codec
import Testing

@Suite("Reading a body by its shape") struct ShapeReadingTests {
    let shape = TicketDraft.shape

    @Test("a good body gives its value") func good() throws {
        let draft = try shape.outcome(
            #"{"title":"Printer","description":"It burns","priority":"high","tags":["a","b"],"requester":{"email":"a@b.c"},"count":3}"#
        ).get()
        #expect(
            draft
                == TicketDraft(
                    title: "Printer", description: "It burns", priority: .high, tags: ["a", "b"], requester: PersonDraft(email: "a@b.c"),
                    count: 3))
    }

    @Test("fields come in any order, under any of their names, with white space and escapes") func order() throws {
        let draft = try shape.outcome(" { \"priority\" : null , \"descr\\u0069ption\" : \"\\ud83d\\ude00\\n\",\n\t\"topic\":\"T\" }\r\n")
            .get()
        #expect(draft == TicketDraft(title: "T", description: "😀\n"))
    }

    @Test("optional fields may be absent or null") func optional() throws {
        let draft = try shape.outcome(#"{"title":"T","description":"D","requester":null}"#).get()
        #expect(draft.priority == nil && draft.requester == nil && draft.tags.isEmpty)
    }

    @Test("all faults come at once, each where it is") func gathered() {
        let lines = shape.faults(
            #"{"title":"","tags":["ok","","also"],"priority":"huge","requester":{"email":"x","nmae":1},"count":101,"extra":[{}]}"#)
        #expect(
            lines == [
                "title string_too_short", "tags.1 string_too_short", "priority enum", "requester.email string_too_short",
                "requester.nmae extra_forbidden", "count less_than_equal", "extra extra_forbidden", "description missing",
            ])
    }

    @Test(
        "each fault by name",
        arguments: [
            (#"[]"#, "body model_type"), (#"5"#, "body model_type"), (#"{"title":1}"#, "title string_type"),
            (#"{"title":"a\u0000b"}"#, "title string_nul"), (#"{"title":"a","title":"b"}"#, "title duplicate_field"),
            (#"{"title":"a","subject":"b"}"#, "title duplicate_field"), (#"{"count":"1"}"#, "count int_type"),
            (#"{"count":1.5}"#, "count int_from_float"), (#"{"count":-1}"#, "count greater_than_equal"),
            (#"{"count":1e300}"#, "count less_than_equal"), (#"{"count":1e999}"#, "count int_type"),
            (#"{"count":99999999999999999999}"#, "count less_than_equal"), (#"{"tags":{}}"#, "tags list_type"),
            (#"{"tags":[1]}"#, "tags.0 string_type"), (#"{"requester":[]}"#, "requester model_type"),
            (#"{"requester":{}}"#, "requester.email missing"), (#"{"priority":3}"#, "priority enum"),
            (#"{"unknown":3}"#, "unknown extra_forbidden"), (#"{"requester":{"email":"a@b","name":null}}"#, "requester.name string_type"),
        ])
    func faults(_ json: String, _ expected: String) {
        let lines = shape.faults(json)
        #expect(lines.contains(expected), "\(lines)")
    }

    @Test(
        "broken JSON is one fault with its offset, whatever came before",
        arguments: [
            ("", 0), ("{", 1), (#"{"title":1,"#, 11), (#"{"title":"a"} x"#, 14), (#"{"title" "a"}"#, 9), ("{\"title\":\"\u{1}\"}", 10),
            (#"{"title":"\ud800"}"#, 10), (#"{"count":01}"#, 9), (String(repeating: "[", count: 65), 64),
        ])
    func broken(_ json: String, _ offset: Int) throws {
        guard case .failure(let faults) = shape.outcome(json) else { throw Unexpected() }
        #expect(faults.list.map(\.type) == ["json_invalid"])
        #expect(faults.list.first?.location == "body")
        #expect(faults.list.first?.context == [.init("offset", .integer(offset))])
    }

    @Test("unknown fields are passed over when asked to") func lenient() throws {
        let draft = try shape.outcome(
            #"{"x":{"y":[1]},"title":"T","x":1,"description":"D","requester":{"email":"a@b","z":0}}"#, unknown: .ignored
        ).get()
        #expect(draft.title == "T" && draft.requester?.email == "a@b")
    }

    @Test("a text is measured in scalars, not bytes") func scalars() throws {
        let most = String(repeating: "é", count: 255)
        #expect(try shape.outcome(#"{"title":"\#(most)","description":"D"}"#).get().title == most)
        #expect(shape.faults(#"{"title":"\#(most)é","description":"D"}"#) == ["title string_too_long"])
        #expect(shape.faults(#"{"title":"\#(String(repeating: "\\u00e9", count: 256))","description":"D"}"#) == ["title string_too_long"])
    }

    @Test("a list that is too long says how long it is") func tooLong() throws {
        let tags = Array(repeating: "\"t\"", count: 23).joined(separator: ",")
        guard case .failure(let faults) = shape.outcome(#"{"title":"T","description":"D","tags":[\#(tags)]}"#) else { throw Unexpected() }
        #expect(faults.list.first?.message == "List should have at most 20 items after validation, not 23")
        #expect(faults.list.first?.location == "tags")
    }

    @Test("no more than a hundred faults are kept") func bounded() throws {
        let body = "{" + (0..<500).map { "\"f\($0)\":0" }.joined(separator: ",") + "}"
        guard case .failure(let faults) = shape.outcome(body) else { throw Unexpected() }
        #expect(faults.list.count == Faults.most)
    }

    @Test("a caller's long name is not sent back whole") func longName() throws {
        guard case .failure(let faults) = shape.outcome("{\"" + String(repeating: "n", count: 10_000) + "\":0}") else { throw Unexpected() }
        #expect(faults.list.allSatisfy { $0.location.utf8.count < 110 })
    }

    @Test("in a PATCH absent, null and a value differ") func patch() throws {
        let shape = TicketPatch.shape
        #expect(try shape.outcome("{}").get() == TicketPatch())
        #expect(try shape.outcome(#"{"category":null}"#).get() == TicketPatch(category: .null))
        #expect(try shape.outcome(#"{"category":"c"}"#).get() == TicketPatch(category: .to("c")))
        #expect(
            shape.faults(#"{"title":null,"category":"","due":"soon"}"#) == [
                "title string_type", "category string_too_short", "due datetime_parsing",
            ])
        #expect(Change.absent.applied(to: 1) == 1 && Change<Int>.null.applied(to: 1) == nil && Change.to(2).applied(to: 1) == 2)
    }

    @Test(
        "words are read in any case, with blank or hyphen, and by alias",
        arguments: ["very_high", "VERY-HIGH", "Very High", "critical", "CRITICAL"])
    func words(_ word: String) throws {
        #expect(try Everything.shape.outcome(#"{"word":"\#(word)"}"#).get().word == .veryHigh)
    }

    @Test("every kind takes its values") func kinds() throws {
        let value = try Everything.shape.outcome(
            #"{"number":-1.5e3,"flag":true,"id":"0190163D-8694-739B-AEA5-966C26F8AD91","time":"2025-07-23T14:30:00+02:00","map":{"a":1},"free":[1,"x",null]}"#
        ).get()
        #expect(value.number == -1500 && value.flag && value.map == ["a": 1])
        #expect(value.id.description == "0190163d-8694-739b-aea5-966c26f8ad91")
        #expect(value.time.description == "2025-07-23T12:30:00.000Z")
        #expect(value.free == .list([.integer(1), .text("x"), .null]))
    }

    @Test(
        "every kind refuses other values",
        arguments: [
            (#"{"number":"1"}"#, "number float_type"), (#"{"number":1e999}"#, "number finite_number"), (#"{"flag":1}"#, "flag bool_type"),
            (#"{"flag":"true"}"#, "flag bool_type"), (#"{"id":1}"#, "id uuid_type"), (#"{"id":"x"}"#, "id uuid_parsing"),
            (#"{"time":1}"#, "time datetime_type"), (#"{"time":"2025-02-29T00:00:00Z"}"#, "time datetime_parsing"),
            (#"{"word":"lo"}"#, "word enum"), (#"{"map":[]}"#, "map dict_type"), (#"{"map":{"a":10}}"#, "map.a less_than_equal"),
            (#"{"map":{"a":1,"a":2}}"#, "map.a duplicate_field"), (#"{"map":{"a":1,"b":1,"c":1,"d":1}}"#, "map too_long"),
            (#"{"map":{"\u0000":1}}"#, "map.\0 string_nul"), (#"{"free":{"a":1,"a":2}}"#, "body json_invalid"),
        ])
    func others(_ json: String, _ expected: String) {
        #expect(Everything.shape.faults(json) == [expected])
    }

    @Test("a shape may hold itself, and a property behind an observer is set through it") func tree() throws {
        let tree = try Tree.shape.outcome(#"{"name":"a","watched":7,"children":[{"name":"b"},{"name":"c","children":[{"name":"d"}]}]}"#)
            .get()
        #expect(tree.watched == 7 && tree.changes == 1)
        #expect(tree.children.map(\.name) == ["b", "c"] && tree.children[1].children[0].name == "d")
        #expect(Tree.shape.faults(#"{"name":"a","children":[{"name":"b","children":[{}]}]}"#) == ["children.0.children.0.name missing"])
    }

    @Test("a field that is only written is unknown on input") func readOnly() {
        #expect(Tree.shape.faults(#"{"name":"a","size":1}"#) == ["size extra_forbidden"])
        #expect(Tree.shape.faults(form: [("name", "a"), ("size", "1")]) == ["size extra_forbidden"])
    }

    @Test("a kind can be made of another, with a rule of its own") func converted() throws {
        let even: Kind<Int> = .integer(0...10).checked { $0 % 2 == 0 ? nil : Fault("odd", "Input should be even") }
        #expect(try even.read(text: "4", at: "n") == 4)
        #expect(throws: Faults(Fault("odd", "Input should be even", at: "n"))) { try even.read(text: "3", at: "n") }
    }
}

struct Unexpected: Error {}
