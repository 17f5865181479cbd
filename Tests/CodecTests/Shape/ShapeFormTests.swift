import Codec
import Testing

@Suite("Reading a form by its shape") struct ShapeFormTests {
    @Test("a good form gives its value") func good() throws {
        let draft = try TicketDraft.shape.read(form: [
            ("subject", "T"), ("description", "D"), ("priority", "Normal"), ("tags", "a,b"), ("tags", "c"), ("count", "7"),
        ])
        #expect(draft == TicketDraft(title: "T", description: "D", priority: .medium, tags: ["a", "b", "c"], count: 7))
    }

    @Test("an empty value clears what is optional, and an empty list is empty") func empty() throws {
        let draft = try TicketDraft.shape.read(form: [("title", "T"), ("description", "D"), ("priority", ""), ("tags", "")])
        #expect(draft.priority == nil && draft.tags.isEmpty)
        #expect(try TicketPatch.shape.read(form: [("category", "")]).category == .null)
    }

    @Test("all faults come at once") func gathered() {
        let lines = TicketDraft.shape.faults(form: [("title", ""), ("tags", "a,,b"), ("count", "x"), ("nope", "1"), ("requester", "a@b")])
        #expect(
            Set(lines) == [
                "title string_too_short", "tags.1 string_too_short", "count int_parsing", "nope extra_forbidden",
                "requester text_unsupported",
                "description missing",
            ])
    }

    @Test(
        "each fault by name",
        arguments: [
            ("number", "x", "number float_parsing"), ("number", "nan", "number float_parsing"), ("number", "1e999", "number finite_number"),
            ("flag", "maybe", "flag bool_parsing"), ("id", "x", "id uuid_parsing"), ("time", "x", "time datetime_parsing"),
            ("word", "x", "word enum"), ("map", "x", "map text_unsupported"),
        ])
    func faults(_ name: String, _ text: String, _ expected: String) {
        #expect(Everything.shape.faults(form: [(name, text)]) == [expected])
    }

    @Test("a plus sign is no number, a NUL no text, and one name twice no value")
    func strict() {
        #expect(
            TicketDraft.shape.faults(form: [("title", "a\0"), ("description", "D"), ("count", "+1")]) == [
                "title string_nul", "count int_parsing",
            ])
        #expect(TicketDraft.shape.faults(form: [("title", "a"), ("topic", "b"), ("description", "D")]) == ["title duplicate_field"])
    }

    @Test("unknown fields are passed over when asked to") func lenient() throws {
        #expect(
            TicketDraft.shape.faults(form: [("title", "a"), ("description", "D"), ("grant_type", "password")], unknown: .ignored) == [])
    }

    @Test("truth has many words", arguments: [("1", true), ("YES", true), ("on", true), ("False", false), ("0", false), ("off", false)])
    func truth(_ text: String, _ expected: Bool) throws {
        #expect(try Everything.shape.read(query: [("flag", text)]).flag == expected)
    }
}
