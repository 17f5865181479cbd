import Codec
import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("What happened to a ticket") struct HistoryTests {
    @Test("staff learn who changed what, from what, to what", arguments: TestEngine.all)
    func staff(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            desk.clock.advance(seconds: 1)
            try await desk.change(ticket, by: desk.agent) { $0.priority = .high }
            try await desk.comment(on: ticket, by: desk.agent, .private)
            let history = try await desk.history(of: ticket, as: desk.agent)
            #expect(history.items.map(\.type) == [.ticketCreated, .ticketUpdated, .commentCreated])
            #expect(history.items[0].actor?.name == "Alice Example" && history.items[1].actor?.id == desk.agent.id)
            #expect(history.items[1].at == desk.clock.now)
            #expect(history.items[1].changes == [FieldChange("priority", from: .text("medium"), to: .text("high"))])
        }
    }

    @Test("the requester learns nothing of what is private", arguments: TestEngine.all)
    func requester(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let hidden = try await desk.comment("Angry", on: ticket, by: desk.agent, .private)
            try await desk.edit(hidden, "Very angry", by: desk.agent)
            try await desk.delete(hidden, by: desk.agent)
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            _ = try await desk.write { work in try await work.restore(.id(ticket.id), as: desk.admin) }
            try await desk.move(ticket, to: .pending, by: desk.agent)
            let history = try await desk.history(of: ticket, as: desk.customer, counted: true)
            #expect(history.items.map(\.type) == [.ticketCreated, .ticketStatusChanged] && history.total == 2)
        }
    }

    @Test("what a comment said before it was taken away stays with the staff", arguments: TestEngine.all)
    func deleted(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let comment = try await desk.comment("My password is hunter2", on: ticket, by: desk.customer)
            try await desk.edit(comment, "Never mind", by: desk.customer)
            #expect(try await desk.history(of: ticket, as: desk.customer).items.map(\.type).contains(.commentUpdated))
            try await desk.delete(comment, by: desk.customer)
            let seen = try await desk.history(of: ticket, as: desk.customer).items.map(\.type)
            #expect(seen == [.ticketCreated, .commentCreated, .commentDeleted])
            #expect(try await desk.history(of: ticket, as: desk.agent).items.count == 4)
        }
    }

    @Test("it is read a page at a time", arguments: TestEngine.all)
    func pages(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            for number in 0..<6 { try await desk.comment("\(number)", on: ticket, by: desk.agent) }
            var slice = SliceRequest()
            slice.limit = 3
            var comments: [String] = []
            var entries = 0
            for _ in 0..<2 {
                let first = slice
                let found = try await desk.read { look in try await look.comments(on: .id(ticket.id), first, as: desk.customer) }
                comments += found.items.map(\.content)
                slice.after = found.next
            }
            #expect(comments == ["0", "1", "2", "3", "4", "5"] && slice.after == nil)
            repeat {
                let first = slice
                let found = try await desk.read { look in try await look.history(of: .id(ticket.id), first, as: desk.customer) }
                entries += found.items.count
                slice.after = found.next
            } while slice.after != nil
            #expect(entries == 8)
        }
    }

    @Test("customers get a list of comments without the private ones", arguments: TestEngine.all)
    func comments(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.comment("Hidden", on: ticket, by: desk.agent, .private)
            try await desk.comment("Shown", on: ticket, by: desk.agent)
            var slice = SliceRequest()
            slice.isCounted = true
            let whole = slice
            let seen = try await desk.read { look in try await look.comments(on: .id(ticket.id), whole, as: desk.customer) }
            #expect(seen.items.map(\.content) == ["Shown"] && seen.total == 1)
            let all = try await desk.read { look in try await look.comments(on: .id(ticket.id), whole, as: desk.agent) }
            #expect(all.items.map(\.content) == ["Hidden", "Shown"] && all.total == 2)
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.read { look in try await look.comments(on: .id(ticket.id), whole, as: desk.otherCustomer) }
            }
        }
    }
}

extension TestDesk {
    fileprivate func history(of ticket: Ticket, as caller: Caller, counted: Bool = false) async throws -> Slice<HistoryEntry> {
        var slice = SliceRequest()
        slice.isCounted = counted
        let whole = slice
        return try await read { look in try await look.history(of: .id(ticket.id), whole, as: caller) }
    }
}
