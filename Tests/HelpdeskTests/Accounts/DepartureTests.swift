import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Those who have gone") struct DepartureTests {
    @Test("the tickets of an agent who is dismissed go to those who work, or to nobody", arguments: TestEngine.all)
    func dismissed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let gone = desk.agent
            var tickets: [Ticket] = []
            for number in 0..<5 {
                let ticket = try await desk.ticket("Ticket \(number)")
                tickets.append(try await desk.assign(ticket, to: .id(gone.id), by: desk.admin))
            }
            try await desk.move(tickets[0], to: .closed, by: gone)
            #expect(try await desk.load(of: gone) == (4, 4))
            _ = try await desk.change(gone.id) { $0.isActive = false }
            try await desk.desk.finishDepartures()
            for ticket in tickets {
                let now = try await desk.find(ticket)
                #expect(now.assignee?.id != gone.id)
                #expect(try await desk.told(of: ticket).last == "ticket.assigned")
            }
            #expect(try await desk.load(of: gone) == (0, 0))
            #expect(try await desk.count("SELECT count(*) FROM departures") == 0)
        }
    }

    @Test("who has come back meanwhile keeps what is theirs", arguments: TestEngine.all)
    func back(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.assign(try await desk.ticket(), to: .id(desk.agent.id), by: desk.admin)
            _ = try await desk.change(desk.agent.id) { $0.isActive = false }
            _ = try await desk.change(desk.agent.id) { $0.isActive = true }
            try await desk.desk.finishDepartures()
            #expect(try await desk.find(ticket).assignee?.id == desk.agent.id)
            #expect(try await desk.count("SELECT count(*) FROM departures") == 0)
        }
    }

    @Test("of who is deleted no name stays, whatever they were called, in any table", arguments: TestEngine.all)
    func erased(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for person in [desk.customer, desk.agent] {
                let ticket = try await desk.ticket(by: desk.customer)
                try await desk.assign(ticket, to: .id(desk.agent.id), by: desk.admin)
                try await desk.comment("Me too", on: ticket, by: person)
                for name in ["Zerzura", "Zinnwald"] {
                    _ = try await desk.change(person.id) { change in
                        change.firstName = .to(name)
                        change.email = "\(name)@example.com"
                    }
                    try await desk.comment("And again", on: ticket, by: person)
                }
                try await desk.delete(person.id)
                try await desk.desk.finishDepartures()
                let words = [person.name.split(separator: " ")[0].lowercased(), "zerzura", "zinnwald"]
                for (table, row) in try await desk.allRows() {
                    let row = row.lowercased()
                    for word in words { #expect(!row.contains(word), "\(word) in \(table): \(row.prefix(300))") }
                }
            }
        }
    }

    @Test("a ticket that changes hands at a verified address keeps its place in the order", arguments: TestEngine.all)
    func order(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var draft = TicketDraft()
            draft.title = "Printer on fire"
            draft.requester = .contact(email: "late@example.com", name: "Late Comer")
            let ready = draft
            let ticket = try await desk.write { work in try await work.open(ready, as: desk.agent) }
            desk.clock.advance(seconds: 60)
            _ = try await desk.register("late@example.com")
            try await desk.desk.verifyAddress(with: try await desk.mailedToken("verify_email", to: "late@example.com"))
            #expect(try await desk.find(ticket).requester.email == "late@example.com")
            try await desk.move(ticket, to: .closed, by: desk.agent)
            let wrong = try await desk.count(
                """
                SELECT count(*) FROM tickets t WHERE 1 <> (SELECT count(*) FROM tickets_by_change b
                WHERE b.ticket_number = t.number AND b.status = t.status AND b.updated_at = t.updated_at)
                """)
            #expect(wrong == 0)
            #expect(try await desk.count("SELECT count(*) FROM tickets_by_change") == 1)
        }
    }

    @Test("a ticket knows how it went: since when, how often, first and last", arguments: TestEngine.all)
    func course(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            var times: [Moment] = []
            for status in [Domain.Status.resolved, .open, .closed, .inProgress] {
                desk.clock.advance(seconds: 60)
                times.append(desk.clock.now)
                try await desk.move(ticket, to: status, by: desk.agent)
            }
            let course = Ticket.Course(statusSince: times[3], reopenings: 2, firstResolvedAt: times[0], lastResolvedAt: times[2])
            #expect(try await desk.find(ticket).course == course)
            let last = try await desk.lastChanges(of: ticket)
            #expect(last?.contains(#""status_since":{"from":"\#(times[2].written)","to":"\#(times[3].written)"}"#) == true)
        }
    }
}

extension Moment {
    fileprivate var written: String { Timestamp(milliseconds: Int64(milliseconds)).description }
}

extension TestDesk {
    /// All that may name somebody. `test_erasure.py` looks at whole files.
    fileprivate func allRows() async throws -> [(table: String, row: String)] {
        let tables: [(String, SQL)] = [
            ("events", "SELECT data || changes || COALESCE(old_text, '') FROM events"),
            ("people", "SELECT COALESCE(email, '') || COALESCE(email_key, '') || COALESCE(username, '') || name || name_key FROM people"),
            ("outbox", "SELECT COALESCE(address, '') || payload FROM outbox"),
            ("answers", "SELECT fields FROM answers"),
            ("comments", "SELECT content || attachments FROM comments"),
        ]
        return try await database.read { db in
            var rows: [(String, String)] = []
            for (table, question) in tables { rows += try await db.all(question) { $0.text() }.map { (table, $0) } }
            return rows
        }
    }
}
