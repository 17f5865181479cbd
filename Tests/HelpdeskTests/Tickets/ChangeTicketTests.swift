import Codec
import Domain
import Helpdesk
import Loop
import TestEngines
import Testing

@Suite("Changing a ticket") struct ChangeTicketTests {
    @Test("staff change all of it, which one event tells field by field", arguments: TestEngine.all)
    func staff(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let changed = try await desk.change(ticket, by: desk.agent) { edit in
                edit.title = "Printer smokes"
                edit.priority = .urgent
                edit.category = .to("hardware")
                edit.tags = .to(["fire", "printer"])
                edit.supportRole = .technical
            }
            #expect(changed.title == "Printer smokes" && changed.priority == .urgent && changed.category == "hardware")
            #expect(changed.tags == ["fire", "printer"] && changed.supportRole == .technical && changed.tally.revision == 2)
            #expect(try await desk.find(ticket) == changed)
            #expect(try await desk.told(of: ticket) == ["ticket.created", "ticket.updated"])
            let changes = try JSONValue(parsing: Array(try #require(try await desk.lastChanges(of: ticket)).utf8))
            #expect(changes["priority"] == .object([.init("from", .text("medium")), .init("to", .text("urgent"))]))
            #expect(changes["category"] == .object([.init("from", .null), .init("to", .text("hardware"))]))
            #expect(changes["description"] == nil)
        }
    }

    @Test("null clears what may be missing", arguments: TestEngine.all)
    func clears(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.change(ticket, by: desk.agent) { edit in
                edit.category = .to("hardware")
                edit.type = .to("incident")
                edit.tags = .to(["fire"])
            }
            let cleared = try await desk.change(ticket, by: desk.agent) { edit in
                edit.category = .null
                edit.type = .null
                edit.tags = .null
            }
            #expect(cleared.category == nil && cleared.type == nil && cleared.tags == [])
            #expect(try await desk.find(ticket) == cleared)
        }
    }

    @Test("the requester puts the words right, closes it and opens it again", arguments: TestEngine.all)
    func requester(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.change(ticket, by: desk.customer) { $0.description = "It burns a little." }
            let closed = try await desk.move(ticket, to: .closed, by: desk.customer)
            #expect(closed.status == .closed && closed.closedAt == desk.clock.now && closed.resolvedAt == desk.clock.now)
            let open = try await desk.move(ticket, to: .open, by: desk.customer)
            #expect(open.status == .open && open.closedAt == nil && open.resolvedAt == nil)
            #expect(
                try await desk.told(of: ticket) == [
                    "ticket.created", "ticket.updated", "ticket.status_changed", "ticket.status_changed",
                ])
        }
    }

    @Test("what changes nothing leaves no trace", arguments: TestEngine.all)
    func nothing(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            desk.clock.advance(seconds: 60)
            let same = try await desk.change(ticket, by: desk.agent) { edit in
                edit.title = ticket.title
                edit.status = .open
                edit.assignee = .null
                edit.tags = .to([])
            }
            #expect(same == ticket)
            #expect(try await desk.find(ticket) == ticket)
            #expect(try await desk.told(of: ticket) == ["ticket.created"])
        }
    }

    @Test("a known revision is compared with what that caller sees", arguments: TestEngine.all)
    func known(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.comment("He is angry.", on: ticket, by: desk.agent, .private)
            let found = try await desk.find(ticket)
            #expect(found.tally.revision == 2 && found.shownTally.revision == 1)
            await #expect(throws: DeskError.stale) {
                try await desk.change(ticket, by: desk.agent, expecting: 1) { $0.priority = .high }
            }
            try await desk.change(ticket, by: desk.agent, expecting: 2) { $0.priority = .high }
            let changed = try await desk.change(ticket, by: desk.customer, expecting: 2) { $0.title = "Fire" }
            #expect(changed.tally.revision == 4 && changed.shownTally.revision == 3)
            await #expect(throws: DeskError.stale) {
                try await desk.change(ticket, by: desk.customer, expecting: 2) { $0.title = "Smoke" }
            }
        }
    }

    @Test("of many who know the same revision, one changes it", arguments: TestEngine.all)
    func knownByMany(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let stale = Locked(0)
            try await atOnce(10) { number in
                do {
                    try await desk.change(ticket, by: desk.agent, expecting: 1) { $0.title = "\(number)" }
                } catch DeskError.stale {
                    stale.withLock { $0 += 1 }
                }
            }
            #expect(stale.withLock { $0 } == 9)
            #expect(try await desk.find(ticket).tally.revision == 2)
        }
    }

    @Test("a customer may not sort tickets, nor move them as staff do", arguments: TestEngine.all)
    func forbidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let edits: [@Sendable (inout TicketEdit) -> Void] = [
                { $0.priority = .urgent }, { $0.category = .to("x") }, { $0.type = .null }, { $0.tags = .to(["x"]) },
                { $0.supportRole = .manager }, { $0.assignee = .null }, { $0.status = .resolved }, { $0.status = .pending },
            ]
            for edit in edits {
                await #expect { try await desk.change(ticket, by: desk.customer, edit) } throws: { error in
                    if case .forbidden? = error as? DeskError { true } else { false }
                }
            }
            #expect(try await desk.find(ticket) == ticket)
        }
    }

    @Test("somebody else's ticket is not there", arguments: TestEngine.all)
    func foreign(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.move(ticket, to: .closed, by: desk.otherCustomer)
            }
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.write { work in try await work.change(.number(99), TicketEdit(), as: desk.admin) }
            }
        }
    }

    @Test("what is closed becomes neither pending nor resolved", arguments: TestEngine.all)
    func closed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.move(ticket, to: .closed, by: desk.agent)
            for status in [Status.pending, .resolved] {
                await #expect { try await desk.move(ticket, to: status, by: desk.agent) } throws: { error in
                    if case .conflict? = error as? DeskError { true } else { false }
                }
            }
            #expect(try await desk.move(ticket, to: .inProgress, by: desk.agent).status == .inProgress)
        }
    }

    @Test("what was closed long ago only staff open again", arguments: TestEngine.all)
    func closedLongAgo(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.move(ticket, to: .closed, by: desk.customer)
            desk.clock.advance(days: 14)
            await #expect { try await desk.move(ticket, to: .open, by: desk.customer) } throws: { error in
                if case .conflict? = error as? DeskError { true } else { false }
            }
            #expect(try await desk.move(ticket, to: .open, by: desk.agent).status == .open)
        }
    }

    @Test("an agent kept to their own work does not find another's", arguments: TestEngine.all)
    func scope(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.agentScope = .assigned
        try await withDesk(on: engine, rules) { desk in
            let ticket = try await desk.ticket()
            try await desk.change(ticket, by: desk.agent) { $0.priority = .high }
            try await desk.assign(ticket, to: .id(desk.agent.id), by: desk.agent)
            await #expect(throws: DeskError.notFound("Ticket not found")) {
                try await desk.change(ticket, by: desk.otherAgent) { $0.priority = .low }
            }
        }
    }

    @Test("closed is not overwritten by who came at the same time", arguments: TestEngine.all)
    func race(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for _ in 0..<10 {
                let ticket = try await desk.ticket()
                try await atOnce(4) { number in
                    let status: Status = number % 2 == 0 ? .closed : .pending
                    do { try await desk.move(ticket, to: status, by: desk.agent) } catch DeskError.conflict {}
                }
                #expect(try await desk.find(ticket).status == .closed)
                #expect(try await desk.told(of: ticket).filter { $0 == "ticket.status_changed" }.count <= 3)
            }
        }
    }
}
