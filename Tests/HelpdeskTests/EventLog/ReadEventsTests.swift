import Codec
import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Reading the log") struct ReadEventsTests {
    @Test("everybody reads what they may see, oldest first", arguments: TestEngine.all, [Rules.AgentScope.all, .assigned])
    func whoSeesWhat(on engine: TestEngine, scope: Rules.AgentScope) async throws {
        var rules = Rules()
        rules.agentScope = scope
        try await withDesk(on: engine, rules) { desk in
            let mine = try await desk.ticket()
            let foreign = try await desk.ticket(by: desk.otherCustomer)
            try await desk.change(mine.id, isPrivate: true) { $0.supportRole = .manager }
            try await desk.change(foreign.id) { $0.assignee = desk.otherAgent.party }
            let discarded = try await desk.ticket()
            try await desk.change(discarded.id) { $0.deletedAt = $0.createdAt }

            #expect(try await desk.read(as: desk.customer) == [.init(.ticketCreated, mine)])
            #expect(try await desk.read(as: desk.otherCustomer) == [.init(.ticketCreated, foreign), .init(.ticketUpdated, foreign)])
            let sight = try await desk.read(as: desk.agent)
            #expect(sight.filter { $0.ticket == mine.id } == [.init(.ticketCreated, mine), .init(.ticketUpdated, mine)])
            #expect(sight.contains { $0.ticket == foreign.id } == (scope == .all))
            #expect(!sight.contains { $0.ticket == discarded.id } && sight.contains { $0.type == .userCreated })
            #expect(try await desk.read(as: desk.otherAgent).contains { $0.ticket == foreign.id })
            #expect(try await desk.read(as: desk.admin).filter { $0.ticket == discarded.id }.count == 2)
        }
    }

    @Test("of one ticket, by who sees it, and by nobody else", arguments: TestEngine.all)
    func ofOne(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.change(ticket.id, isPrivate: true) { $0.supportRole = .manager }
            try await desk.change(ticket.id) { $0.title = "Printer still on fire" }
            var question = EventQuestion()
            question.ticket = .number(ticket.number)
            let ready = question
            #expect(try await desk.desk.events(ready, SliceRequest(), as: desk.customer).items.count == 2)
            let events = try await desk.desk.events(ready, SliceRequest(), as: desk.agent).items
            #expect(events.map(\.type) == [.ticketCreated, .ticketUpdated, .ticketUpdated])
            guard case .ticket(let last)? = events.last?.subject else {
                Issue.record("a ticket's event tells of no ticket")
                return
            }
            #expect(last.title == "Printer still on fire" && last.tally.revision == 3 && last.shownTally.revision == 2)
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.desk.events(ready, SliceRequest(), as: desk.otherCustomer)
            }
        }
    }

    @Test("behind the end of the log there is nothing, however far behind somebody asks", arguments: TestEngine.all)
    func behindTheEnd(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let end = try await desk.database.read { db in try await db.lastSeq() }
            for place in [end, end + 1, Int.mostExact, .max - 1, .max] {
                for caller in [desk.customer, desk.agent, desk.admin] {
                    for name in [nil, TicketName.id(ticket.id)] {
                        var question = EventQuestion()
                        (question.ticket, question.after) = (name, place)
                        var slice = SliceRequest()
                        slice.offset = 10_000
                        let (asked, wanted) = (question, slice)
                        for found in [
                            try await desk.desk.events(asked, SliceRequest(), as: caller),
                            try await desk.desk.events(asked, wanted, as: caller),
                        ] {
                            #expect(found.items.isEmpty && found.next == nil)
                        }
                    }
                    var slice = SliceRequest()
                    slice.after = Position(key: place, tie: 0)
                    let wanted = slice
                    #expect(try await desk.desk.events(EventQuestion(), wanted, as: caller).items.isEmpty)
                }
            }
        }
    }

    @Test("customers with very many tickets read along the log, and read the same", arguments: TestEngine.all)
    func manyTickets(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let foreign = try await desk.ticket(by: desk.otherCustomer)
            let count = EventListing.mostTickets + 5
            for _ in 0..<count { _ = try await desk.ticket() }
            let hidden = try await desk.ticket()
            try await desk.change(hidden.id) { $0.deletedAt = $0.createdAt }
            try await desk.change(foreign.id) { $0.title = "Not theirs" }
            let end = try await desk.database.read { db in try await db.lastSeq() }
            var seqs: [Int] = []
            var slice = SliceRequest()
            slice.limit = 100
            repeat {
                let wanted = slice
                let found = try await desk.desk.events(EventQuestion(), wanted, as: desk.customer)
                seqs += found.items.map(\.seq)
                slice.after = found.next
            } while slice.after != nil
            slice.limit = 1000
            for isAlongLog in [false, true] {
                let listing = EventListing(
                    EventQuestion(), ticket: nil, slice, after: 0, upTo: end, for: desk.customer, alongLog: isAlongLog)
                #expect((listing.goesOn != nil) == (isAlongLog && end > EventListing.window))
                let found = try await desk.read { look in try await look.db.all(listing.page(on: engine.engine)) { $0.int() } }
                #expect(found == seqs && found.count == count, "along the log: \(isAlongLog)")
            }
        }
    }

    @Test("page by page, by type, and counted", arguments: TestEngine.all)
    func pages(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for _ in 0..<5 {
                let ticket = try await desk.ticket()
                try await desk.change(ticket.id) { $0.title = "Another" }
            }
            for caller in [desk.customer, desk.agent] {
                var question = EventQuestion()
                question.types = [.ticketUpdated]
                var slice = SliceRequest()
                slice.limit = 2
                slice.isCounted = true
                var seqs: [Int] = []
                repeat {
                    let (asked, wanted) = (question, slice)
                    let page = try await desk.desk.events(asked, wanted, as: caller)
                    #expect(page.total == 5 && page.items.allSatisfy { $0.type == .ticketUpdated })
                    seqs += page.items.map(\.seq)
                    slice.after = page.next
                } while slice.after != nil && seqs.count < 10
                #expect(seqs.count == 5 && seqs == seqs.sorted())
                question.after = seqs[3]
                let last = question
                #expect(try await desk.desk.events(last, SliceRequest(), as: caller).items.map(\.seq) == [seqs[4]])
            }
        }
    }

    @Test("a comment that was taken away is told of to customers without its words", arguments: TestEngine.all)
    func takenBack(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("The password is swordfish", on: ticket, by: desk.agent)
            try await desk.write { work in
                try await work.delete(comment.id, on: .id(ticket.id), expecting: nil, as: desk.agent)
            }
            #expect(try await desk.read(as: desk.customer).map(\.type).suffix(2) == [.ticketStatusChanged, .commentDeleted])
            #expect(try await desk.read(as: desk.agent).filter { $0.type == .commentCreated }.count == 1)
        }
    }

    @Test("what was erased is told of without its words, and what is of a newer release is passed over", arguments: TestEngine.all)
    func erased(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.change(ticket.id) { $0.title = "Another" }
            try await desk.database.write { db in
                try await db.run("UPDATE events SET data = '' WHERE type = 'ticket.created'")
                try await db.run("UPDATE events SET type = 'ticket.beamed' WHERE type = 'ticket.updated'")
            }
            let events = try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.customer).items
            #expect(events.map(\.subject) == [.erased])
        }
    }

    @Test("a list looks no further than its window, and says where to go on", arguments: TestEngine.all)
    func window(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let listing = EventListing(
                EventQuestion(), ticket: nil, SliceRequest(), after: 0, upTo: EventListing.window + 7, for: desk.agent)
            #expect(listing.goesOn == Position(key: EventListing.window, tie: 0))
            let ofOne = EventListing(
                EventQuestion(), ticket: ticket.id, SliceRequest(), after: 0, upTo: EventListing.window + 7, for: desk.agent)
            #expect(ofOne.goesOn == nil)
        }
    }
}

/// An event, as far as these tests look.
private struct Told: Equatable {
    let type: EventType
    let ticket: Ticket.ID?

    init(_ type: EventType, _ ticket: Ticket) { (self.type, self.ticket) = (type, ticket.id) }
    init(_ event: Event) { (type, ticket) = (event.type, event.ticket) }
}

extension TestDesk {
    fileprivate func read(as caller: Caller) async throws -> [Told] {
        try await desk.events(EventQuestion(), SliceRequest(), as: caller).items.map { Told($0) }
    }

    /// Changes a ticket in some way, as a use case does.
    func change(_ id: Ticket.ID, isPrivate: Bool = false, _ change: @escaping @Sendable (inout Ticket) -> Void) async throws {
        try await write { work in
            let before = try await work.db.ticketToChange(.id(id))
            var ticket = before
            change(&ticket)
            ticket.advance(isShown: !isPrivate, at: work.now)
            try await work.save(ticket, since: before)
            work.record(.ticketUpdated, ticket, by: nil, isPrivate: isPrivate)
        }
    }
}
