import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("What old events told") struct EventRetentionTests {
    private static var rules: Rules {
        var rules = Rules()
        rules.eventDays = 30
        return rules
    }

    /// What rows of the log hold, in order.
    private static func data(_ desk: TestDesk) async throws -> [String] {
        try await desk.database.read { db in try await db.all("SELECT data FROM events ORDER BY seq") { $0.text() } }
    }

    @Test("is emptied once it is old enough, and its row stays", arguments: TestEngine.all)
    func empties(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules) { desk in
            let ticket = try await desk.ticket()
            desk.clock.advance(days: 1)
            try await desk.change(ticket, by: desk.agent) { $0.title = "Printer out" }
            let before = try await Self.data(desk)
            desk.clock.advance(days: 29, seconds: -1)
            #expect(try await desk.desk.emptyOldEvents() == 0)
            desk.clock.advance(seconds: 1)
            // The people of the desk, and the ticket; what was changed a day later is not old.
            #expect(try await desk.desk.emptyOldEvents() == before.count - 1)
            #expect(try await Self.data(desk) == Array(repeating: "{}", count: before.count - 1) + [before.last])
            var question = EventQuestion()
            question.ticket = .id(ticket.id)
            let page = try await desk.desk.events(question, SliceRequest(), as: desk.agent)
            #expect(page.items.map(\.type) == [.ticketCreated, .ticketUpdated])
            #expect(page.items[0].subject == .erased && page.items[1].subject != .erased && page.items[1].changes.count == 1)
            desk.clock.advance(days: 1)
            #expect(try await desk.desk.emptyOldEvents() == 1)
            #expect(try await desk.count("SELECT count(*) FROM events WHERE data <> '{}' OR changes <> '{}'") == 0)
        }
    }

    @Test("stays for ever unless a setting says otherwise", arguments: TestEngine.all)
    func forEver(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.ticket()
            desk.clock.advance(days: 36_500)
            #expect(try await desk.desk.emptyOldEvents() == 0)
            #expect(try await desk.count("SELECT count(*) FROM events WHERE data = '{}'") == 0)
        }
    }

    @Test("is gone through once, by however many nodes, and not before every reader has read it", arguments: TestEngine.all)
    func goesOn(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules) { desk in
            for _ in 0..<130 { _ = try await desk.ticket() }
            let total = try await Self.data(desk).count
            let first = try await desk.count("SELECT min(seq) FROM events")
            try await desk.database.write { db in
                try await db.run("INSERT INTO log_readers (name, seq) VALUES ('mail', \(first + 9))")
            }
            desk.clock.advance(days: 31)
            #expect(try await desk.desk.emptyOldEvents() == 10)
            // What stands behind its place is not looked at again.
            try await desk.database.write { db in
                try await db.run("UPDATE events SET data = 'seen' WHERE seq = \(first)")
                try await db.run("DELETE FROM log_readers WHERE name = 'mail'")
            }
            let other = try desk.anotherNode()
            async let one = desk.desk.emptyOldEvents()
            async let two = other.emptyOldEvents()
            #expect(try await one + two + desk.desk.emptyOldEvents() == total - 10)
            let data = try await Self.data(desk)
            #expect(data[0] == "seen" && data.dropFirst().allSatisfy { $0 == "{}" })
        }
    }
}
