import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Tags") struct TagTests {
    @Test("a tag is one, however it is spelled, and shown as it was spelled first", arguments: TestEngine.all)
    func spelling(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.ticket(titled: "One", tags: ["Printer", "PRINTER", "Caf\u{e9}"])
            #expect(first.tags == ["Printer", "Café"])
            let second = try await desk.ticket(titled: "Two", tags: ["printer", "cafe\u{301}", "toner"])
            #expect(second.tags.map { Array($0.utf8) } == ["Printer", "Caf\u{e9}", "toner"].map { Array($0.utf8) })
            for spelling in ["printer", "PRINTER", "Printer"] {
                var filter = TicketFilter()
                filter.tags = [spelling]
                let wanted = filter
                let found = try await desk.read { look in try await look.tickets(wanted, SliceRequest(), as: desk.agent) }
                #expect(Set(found.items.map(\.number)) == [first.number, second.number])
                #expect(try await Set(desk.numbers("tag:\(spelling)")) == [first.number, second.number])
            }
            let changed = try await desk.change(second, by: desk.agent) { edit in
                edit.addedTags = ["TONER", "Drum"]
                edit.removedTags = ["PRINTER", "nothing"]
            }
            #expect(changed.tags == ["Café", "toner", "Drum"])
            let article = try await desk.article("Toner", "How to change it.", tags: ["DRUM", "paper"])
            #expect(article.tags == ["Drum", "paper"])
        }
    }

    @Test("tags that nothing has any more are forgotten", arguments: TestEngine.all)
    func unused(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(titled: "One", tags: (0..<20).map { "tag \($0)" })
            try await desk.change(ticket, by: desk.agent) { $0.tags = .to(["tag 3"]) }
            _ = try await desk.article("Toner", "How to change it.", tags: ["tag 5"])
            #expect(try await desk.desk.forgetUnusedTags() == 18)
            #expect(try await desk.count("SELECT count(*) FROM tags") == 2)
            #expect(try await desk.ticket(titled: "Two", tags: ["TAG 4"]).tags == ["TAG 4"])
        }
    }
}
