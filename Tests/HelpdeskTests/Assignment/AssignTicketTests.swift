import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Assigning a ticket") struct AssignTicketTests {
    @Test(
        "by id, username or address, in any case, and the work begins", arguments: TestEngine.all,
        [PersonName?.none, .text("BOB"), .text("Bob@Example.com")])
    func assigns(on engine: TestEngine, name: PersonName?) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let assigned = try await desk.assign(ticket, to: name ?? .id(desk.agent.id), by: desk.otherAgent)
            #expect(assigned.assignee?.id == desk.agent.id && assigned.status == .inProgress)
            #expect(assigned.assignee?.email == nil)
            #expect(try await desk.find(ticket) == assigned)
            #expect(try await desk.told(of: ticket) == ["ticket.created", "ticket.assigned"])
        }
    }

    @Test("null makes it nobody's again, and the status stays", arguments: TestEngine.all)
    func unassigns(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            try await desk.assign(ticket, to: .id(desk.agent.id), by: desk.admin)
            let free = try await desk.assign(ticket, to: nil, by: desk.admin)
            #expect(free.assignee == nil && free.status == .inProgress)
        }
    }

    @Test("whoever is none of the active staff cannot be given tickets", arguments: TestEngine.all)
    func notStaff(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let gone = desk.otherAgent.id
            try await desk.database.write { db in try await db.run("UPDATE people SET is_active = FALSE WHERE id = \(gone.bits)") }
            for name in [PersonName.id(desk.customer.id), .id(gone), .text("nobody"), .text("nobody@example.com")] {
                await #expect { try await desk.assign(ticket, to: name, by: desk.admin) } throws: { error in
                    if case .invalid(let fields)? = error as? DeskError { fields.map(\.location) == ["assignee"] } else { false }
                }
            }
            #expect(try await desk.find(ticket) == ticket)
        }
    }

    @Test("an agent kept to their own work takes tickets for themselves only", arguments: TestEngine.all)
    func scope(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.agentScope = .assigned
        try await withDesk(on: engine, rules) { desk in
            let ticket = try await desk.ticket()
            await #expect(throws: DeskError.forbidden("You may assign tickets to yourself only")) {
                try await desk.assign(ticket, to: .id(desk.otherAgent.id), by: desk.agent)
            }
            try await desk.assign(ticket, to: .id(desk.agent.id), by: desk.agent)
            await #expect(throws: DeskError.forbidden("You may assign tickets to yourself only")) {
                try await desk.assign(ticket, to: nil, by: desk.agent)
            }
        }
    }

    @Test("who waited for a ticket finds it with the assignee that it got meanwhile", arguments: TestEngine.all)
    func race(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let agents = [desk.agent, desk.otherAgent, desk.admin]
            try await atOnce(30) { number in
                if number % 2 == 0 {
                    try await desk.assign(ticket, to: number % 8 == 0 ? nil : .id(agents[number / 2 % 3].id), by: desk.admin)
                } else {
                    try await desk.comment("\(number)", on: ticket, by: desk.agent)
                }
            }
            #expect(try await desk.find(ticket).tally.commentCount == 15)
            for agent in agents {
                let load = try await desk.load(of: agent)
                #expect(load.kept == load.counted)
            }
        }
    }

    @Test("the count of what somebody has to work on follows every change", arguments: TestEngine.all)
    func load(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            func check(_ agent: Int, _ other: Int) async throws {
                let kept = (try await desk.load(of: desk.agent), try await desk.load(of: desk.otherAgent))
                #expect(kept.0.kept == agent && kept.0.counted == agent && kept.1.kept == other && kept.1.counted == other)
            }
            try await desk.assign(ticket, to: .id(desk.agent.id), by: desk.admin)
            try await check(1, 0)
            try await desk.assign(ticket, to: .id(desk.otherAgent.id), by: desk.admin)
            try await check(0, 1)
            try await desk.move(ticket, to: .closed, by: desk.admin)
            try await check(0, 0)
            try await desk.comment(on: ticket, by: desk.customer)
            try await check(0, 1)
            try await desk.write { work in try await work.discard(.id(ticket.id), as: desk.admin) }
            try await check(0, 0)
            _ = try await desk.write { work in try await work.restore(.id(ticket.id), as: desk.admin) }
            try await check(0, 1)
            try await desk.assign(ticket, to: nil, by: desk.admin)
            try await check(0, 0)
        }
    }
}
