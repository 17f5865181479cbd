import Codec
import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("What somebody was told and may see no longer") struct NotificationSightTests {
    @Test("it is hidden with a ticket in the bin, not counted, and back with it", arguments: TestEngine.all)
    func binned(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await telling.follow(ticket, desk.admin)
            try await desk.comment(on: ticket, by: desk.agent)
            try await telling.tell()
            let mine = try await telling.list(desk.customer).items[0]
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            #expect(try await telling.list(desk.customer).items.isEmpty)
            await #expect(throws: DeskError.notFound("Notification not found")) { try await telling.read(mine, as: desk.customer) }
            try await telling.tell()
            for caller in [desk.customer, desk.admin] { #expect(try await telling.told(caller).isEmpty) }
            _ = try await desk.write { work in try await work.restore(.id(ticket.id), as: desk.admin) }
            try await telling.tell()
            #expect(try await telling.told(desk.customer) == [.replied])
            #expect(try await telling.told(desk.admin) == [.replied])
        }
    }

    @Test("it goes with a comment that was taken back", arguments: TestEngine.all)
    func takenBack(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            let comment = try await desk.comment(on: ticket, by: desk.agent)
            try await telling.tell()
            #expect(try await telling.told(desk.customer) == [.replied])
            try await desk.write { work in
                try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.agent)
            }
            try await telling.tell()
            #expect(try await telling.told(desk.customer).isEmpty)
            #expect(try await telling.events(desk.customer).isEmpty)
        }
    }

    @Test("an agent kept to their own work sees what they were told as long as the ticket is theirs", arguments: TestEngine.all)
    func handedOn(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.agentScope = .assigned
        try await withTellingDesk(on: engine, rules) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await telling.follow(ticket, desk.otherAgent)
            try await desk.assign(ticket, to: .text("bob"), by: desk.admin)
            try await desk.comment(on: ticket, by: desk.customer)
            try await telling.tell()
            #expect(try await telling.told(desk.agent).count == 2)
            // A follower who lost sight of it is told nothing.
            #expect(try await telling.told(desk.otherAgent).isEmpty)
            try await desk.assign(ticket, to: .text("berta"), by: desk.admin)
            #expect(try await telling.list(desk.agent).items.isEmpty)
            #expect(try await telling.events(desk.agent).isEmpty)
            try await telling.tell()
            #expect(try await telling.told(desk.agent).isEmpty)
            #expect(try await telling.told(desk.otherAgent) == [.assigned])
        }
    }

    @Test("who is staff no longer sees nothing of what staff were told", arguments: TestEngine.all)
    func dismissed(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let (ticket, own) = (try await desk.ticket(), try await desk.ticket("Mine", by: desk.agent))
            try await telling.follow(ticket, desk.agent)
            try await desk.comment("@bob", on: ticket, by: desk.otherAgent, .private)
            try await desk.comment("@bob", on: own, by: desk.otherAgent, .private)
            try await desk.comment("Yes.", on: own, by: desk.otherAgent)
            try await telling.tell()
            #expect(try await telling.told(desk.agent).count == 3)
            try await desk.write { work in
                var change = UserChange()
                change.role = .customer
                _ = try await work.change(change, of: desk.agent.id, expecting: nil, as: desk.admin)
            }
            try await telling.tell()
            let now = Caller(id: desk.agent.id, label: "", name: "", email: nil, role: .customer)
            let left = try await telling.list(now)
            #expect(left.items.map(\.reason) == [.replied] && left.unread == 1)
            #expect(try await telling.events(now).count == 1)
        }
    }

    @Test("the event of it is its person's alone, admin or not", arguments: TestEngine.all)
    func event(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let ticket = try await desk.ticket()
            try await telling.follow(ticket, desk.otherAgent)
            try await desk.comment("@berta", on: ticket, by: desk.agent)
            try await telling.tell()
            let event = try #require(try await telling.events(desk.otherAgent).first)
            guard case .notification(let notification) = event.subject else { return #expect(Bool(false), "no notification") }
            #expect((notification.reason, notification.actor?.name) == (.mentioned, "Bob Example"))
            #expect(try await telling.events(desk.customer).count == 1)
            for caller in [desk.admin, desk.agent, desk.otherCustomer] { #expect(try await telling.events(caller).isEmpty) }
            // What happened to the ticket is no list of who was told of it.
            let history = try await desk.read { look in try await look.history(of: .id(ticket.id), SliceRequest(), as: desk.otherAgent) }
            #expect(history.items.allSatisfy { $0.type != .notificationCreated })
            var question = EventQuestion()
            question.ticket = .id(ticket.id)
            let ofTicket = try await desk.desk.events(question, SliceRequest(), as: desk.otherAgent)
            #expect(!ofTicket.items.isEmpty && ofTicket.items.allSatisfy { $0.type != .notificationCreated })
        }
    }

    @Test("it reaches its person live without subscribing, and after a resume, and nobody else", arguments: TestEngine.all)
    func live(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            let live = try await LiveDesk(desk)
            let theirs = try await live.reader(desk.otherAgent, for: [])
            let others = try await live.reader(desk.admin, for: [.everything])
            let customers = try await live.reader(desk.otherCustomer, for: [.tickets(of: desk.otherCustomer.id)])
            let start = theirs.follower.position
            let ticket = try await desk.ticket()
            try await telling.follow(ticket, desk.otherAgent)
            try await desk.comment("@berta", on: ticket, by: desk.agent, .private)
            try await telling.tell()
            try await live.settle()
            let resumed = try await live.reader(desk.otherAgent, for: [], after: start)
            for reader in [theirs, others, customers, resumed] { try await reader.look() }
            #expect(theirs.events.map(\.type) == [.notificationCreated])
            #expect(resumed.seqs == theirs.seqs)
            #expect(!others.events.isEmpty && others.events.allSatisfy { $0.type != .notificationCreated })
            #expect(customers.events.isEmpty)
        }
    }

    @Test("another's is not there to be read", arguments: TestEngine.all)
    func foreign(on engine: TestEngine) async throws {
        try await withTellingDesk(on: engine) { telling in
            let desk = telling.desk
            try await desk.comment(on: try await desk.ticket(), by: desk.agent)
            try await telling.tell()
            let theirs = try await telling.list(desk.customer).items[0]
            for caller in [desk.otherCustomer, desk.agent, desk.admin] {
                await #expect(throws: DeskError.notFound("Notification not found")) { try await telling.read(theirs, as: caller) }
            }
            for _ in 0..<2 { #expect(try await telling.read(theirs, as: desk.customer).readAt != nil) }
            #expect(try await telling.list(desk.customer).unread == 0)
        }
    }
}

extension TellingDesk {
    /// The notifications that the log tells somebody of.
    fileprivate func events(_ caller: Caller) async throws -> [Event] {
        var question = EventQuestion()
        question.types = [.notificationCreated]
        // Other tests' transactions may hold up the log's end.
        for _ in 0..<200 {
            let found = try await desk.desk.events(question, SliceRequest(), as: caller).items
            if !found.isEmpty { return found }
            if try await desk.desk.endOfLog() != nil { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        return try await desk.desk.events(question, SliceRequest(), as: caller).items
    }
}
