import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("What the log keeps, and what it reads elsewhere") struct LogTextsTests {
    @Test("each event tells a text as it was then, though it is written once", arguments: TestEngine.all)
    func texts(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            var comment = try await desk.comment("one", on: ticket, by: desk.customer)
            for text in ["two", "", "four"] {
                comment = try await desk.edit(comment, text.isEmpty ? "three" : text, by: desk.customer)
                try await desk.change(ticket, by: desk.agent) { $0.description = "It burns: \(text)" }
            }
            try await desk.move(ticket, to: .pending, by: desk.agent)
            let events = try await desk.events()
            let said = events.compactMap { if case .comment(let comment) = $0.subject { comment.content } else { nil } }
            #expect(said == ["one", "two", "three", "four"])
            let changes = events.filter { $0.type == .commentUpdated }.flatMap(\.changes)
            #expect(changes.map(\.from.string) == ["one", "two", "three"] && changes.map(\.to.string) == ["two", "three", "four"])
            let described = events.compactMap { if case .ticket(let ticket) = $0.subject { ticket.description } else { nil } }
            let texts = ["It burns: two", "It burns: ", "It burns: four"]
            #expect(described == [ticket.description] + texts + texts.suffix(1))
            let history = try await desk.read { look in try await look.history(of: .id(ticket.id), SliceRequest(), as: desk.agent) }.items
            let told = history.flatMap(\.changes).filter { $0.field == "description" || $0.field == "content" }.map(\.to.string)
            #expect(told == ["two", texts[0], "three", texts[1], "four", texts[2]])
            #expect(history.last?.actor?.name == desk.agent.name)
        }
    }

    @Test("people are told of as they are called now", arguments: TestEngine.all)
    func names(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.comment("Me too", on: ticket, by: desk.customer)
            _ = try await desk.change(desk.customer.id) { change in
                change.firstName = .to("Erin")
                change.lastName = .to("New")
            }
            for event in try await desk.events() {
                switch event.subject {
                case .ticket(let ticket): #expect(ticket.requester.name == "Erin New")
                case .comment(let comment): #expect(comment.author.name == "Erin New" && event.actor?.name == "Erin New")
                default: continue
                }
            }
            let kept = try await desk.database.read { db in
                try await db.all("SELECT data || changes FROM events WHERE ticket_id IS NOT NULL") { $0.text() }.joined().lowercased()
            }
            for word in ["alice", "erin", "example.com"] { #expect(!kept.contains(word)) }
        }
    }

    @Test("what changes no text writes none", arguments: TestEngine.all)
    func sizes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let text = String(repeating: "words ", count: 10_900)
            let ticket = try await desk.ticket(by: desk.customer, description: text)
            let comment = try await desk.comment(text, on: ticket, by: desk.customer)
            let created = try await desk.loggedBytes()
            #expect(created < 4096)
            try await desk.edit(comment, text.replacing("words", with: "texts"), by: desk.customer)
            let edited = try await desk.loggedBytes() - created
            // With the comment's own row it is written twice.
            #expect(edited < text.utf8.count * 3 / 2)
            try await desk.move(ticket, to: .closed, by: desk.agent)
            #expect(try await desk.loggedBytes() - created - edited < 4096)
        }
    }

    @Test("rows and words that this release cannot read hold up nobody", arguments: TestEngine.all)
    func unreadable(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.comment("Me too", on: ticket, by: desk.customer)
            try await desk.move(ticket, to: .pending, by: desk.agent)
            try await desk.database.write { db in
                try await db.run("UPDATE events SET data = 'rubbish that is long enough' WHERE type = 'comment.created'")
                try await db.run("UPDATE events SET changes = 'rubbish' WHERE type = 'ticket.status_changed'")
                try await db.run("UPDATE events SET data = replace(data, 'general', 'of-a-later-release') WHERE type = 'ticket.created'")
                try await db.run("UPDATE tickets SET status = 'snoozed', support_role = 'robots', channel = 'telepathy', priority = 9")
                try await db.run("UPDATE tickets_by_change SET status = 'snoozed'")
            }
            let events = try await desk.events()
            #expect(events.map(\.type) == [.ticketCreated, .commentCreated, .ticketStatusChanged])
            #expect(events[1].subject == .erased && events[2].changes.isEmpty)
            if case .ticket(let told) = events[0].subject { #expect(told.supportRole == .general) } else { Issue.record("no ticket") }
            let found = try await desk.find(ticket)
            #expect(found.status == .pending && found.supportRole == .general && found.channel == .api && found.priority == .medium)
            // Lists go along the words that are known here: they leave it out, and go on.
            let other = try await desk.ticket()
            let listed = try await desk.read { look in try await look.tickets(TicketFilter(), SliceRequest(), as: desk.agent) }
            #expect(listed.items.map(\.id) == [other.id])
            _ = try await desk.read { look in try await look.history(of: .id(ticket.id), SliceRequest(), as: desk.agent) }
            _ = try await desk.desk.notifier().step()
        }
    }
}

extension TestDesk {
    fileprivate func events() async throws -> [Event] {
        var slice = SliceRequest()
        slice.limit = 100
        let whole = slice
        return try await desk.events(EventQuestion(), whole, as: admin).items.filter { $0.ticket != nil }
    }

    /// What all rows of the log take of tickets.
    fileprivate func loggedBytes() async throws -> Int {
        try await count(
            "SELECT COALESCE(sum(length(data) + length(changes) + COALESCE(length(old_text), 0)), 0) FROM events WHERE ticket_id IS NOT NULL"
        )
    }
}
