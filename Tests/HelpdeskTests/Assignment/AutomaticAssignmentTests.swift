import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Automatic assignment") struct AutomaticAssignmentTests {
    private static func rules(_ assignment: Rules.Assignment) -> Rules {
        var rules = Rules()
        rules.assignment = assignment
        return rules
    }

    @Test("off, a new ticket is nobody's", arguments: TestEngine.all)
    func off(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            #expect(ticket.assignee == nil)
        }
    }

    @Test("in turn, each agent gets one before anybody gets two", arguments: TestEngine.all)
    func roundRobin(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules(.roundRobin)) { desk in
            var names: [String?] = []
            for _ in 0..<4 { names.append(try await desk.ticket().assignee?.name) }
            #expect(names == ["Bob Example", "Berta Example", "Bob Example", "Berta Example"])
            let ticket = try await desk.ticket()
            #expect(ticket.status == .open && ticket.assignee?.email == nil)
            #expect(try await desk.find(ticket) == ticket)
            #expect(try await desk.told(of: ticket) == ["ticket.created", "ticket.assigned"])
        }
    }

    @Test("by load, whoever has least to do gets the next", arguments: TestEngine.all)
    func leastLoaded(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules(.leastLoaded)) { desk in
            let first = try await desk.ticket()
            let second = try await desk.ticket()
            #expect(first.assignee?.id == desk.agent.id && second.assignee?.id == desk.otherAgent.id)
            try await desk.move(second, to: .resolved, by: desk.admin)
            #expect(try await desk.ticket().assignee?.id == desk.otherAgent.id)
        }
    }

    @Test("by chance, it is one of those who are there", arguments: TestEngine.all)
    func random(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules(.random)) { desk in
            for _ in 0..<10 {
                let ticket = try await desk.ticket()
                #expect([desk.agent.id, desk.otherAgent.id].contains(ticket.assignee?.id))
            }
        }
    }

    @Test("who is not active or not available is passed over; an admin takes part on request", arguments: TestEngine.all)
    func available(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules(.roundRobin)) { desk in
            let (away, gone, admin) = (desk.agent.id.bits, desk.otherAgent.id.bits, desk.admin.id.bits)
            try await desk.database.write { db in
                try await db.run("UPDATE people SET is_available = FALSE WHERE id = \(away)")
                try await db.run("UPDATE people SET is_active = FALSE WHERE id = \(gone)")
            }
            #expect(try await desk.ticket().assignee == nil)
            try await desk.database.write { db in try await db.run("UPDATE people SET is_available = TRUE WHERE id = \(admin)") }
            #expect(try await desk.ticket().assignee?.id == desk.admin.id)
        }
    }

    @Test(
        "fifty tickets at once on two nodes are shared out exactly", arguments: TestEngine.all,
        [Rules.Assignment.roundRobin, .leastLoaded])
    func exact(on engine: TestEngine, assignment: Rules.Assignment) async throws {
        try await withDesk(on: engine, Self.rules(assignment)) { desk in
            let people = [desk.agent, desk.otherAgent, try await desk.desk.testPerson("Bruno", .agent)]
            try await desk.openFifty()
            var counts: [Int] = []
            for agent in people { counts.append(try await desk.rightLoad(of: agent)) }
            #expect(counts.sorted() == [16, 17, 17])
            if assignment == .roundRobin {
                // In turn, in the order in which they were opened.
                let turns = people.map(\.id.bits).sorted()
                #expect(try await desk.assignees() == (0..<50).map { turns[$0 % 3] })
            }
        }
    }

    @Test("by chance, fifty at once on two nodes are all counted", arguments: TestEngine.all)
    func counted(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules(.random)) { desk in
            try await desk.openFifty()
            let counts = [try await desk.rightLoad(of: desk.agent), try await desk.rightLoad(of: desk.otherAgent)]
            #expect(counts.reduce(0, +) == 50 && !counts.contains(0))
        }
    }
}

extension TestDesk {
    /// Opens fifty tickets at once, on two nodes by turns: two desks, and on PostgreSQL two sets of links.
    fileprivate func openFifty() async throws {
        let secret = Array("a secret for tests only".utf8)
        let node = try (database as? any SharedDatabase)?.anotherNode()
        let other = try Desk(node ?? database, desk.rules, desk.outside, secret: secret)
        try await atOnce(50) { number in
            var draft = TicketDraft()
            draft.title = "\(number)"
            draft.description = "At once."
            let ready = draft
            _ = try await (number % 2 == 0 ? desk : other).write { work in try await work.open(ready, as: customer) }
        }
        await node?.close()
    }

    /// How many tickets somebody has, which must be what is kept.
    fileprivate func rightLoad(of agent: Caller) async throws -> Int {
        let load = try await load(of: agent)
        #expect(load.kept == load.counted)
        return try #require(load.kept)
    }

    fileprivate func assignees() async throws -> [UInt128?] {
        try await database.read { db in try await db.all("SELECT assignee_id FROM tickets ORDER BY number") { $0.optionalUUID() } }
    }
}
