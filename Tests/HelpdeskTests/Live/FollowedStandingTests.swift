import Domain
import TestEngines
import Testing

@testable import Helpdesk

@Suite("What followers may see, when it is told") struct FollowedStandingTests {
    private static var assignedOnly: Rules {
        var rules = Rules()
        rules.agentScope = .assigned
        return rules
    }

    @Test("private comments and foreign tickets never reach a customer, live or from the log", arguments: TestEngine.all)
    func hiddenFromCustomers(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let start = try await desk.lastSeq()
            let mine = try await desk.ticket()
            let foreign = try await desk.ticket(by: desk.otherCustomer)
            try await live.settle()
            let wants: Set<Interest> = [.everything, .ticket(mine.id), .ticket(foreign.id), .person(desk.agent.id)]
            let reader = try await live.reader(desk.customer, for: wants)
            try await desk.comment("Between us", on: mine, by: desk.agent, .private)
            try await desk.comment(on: mine, by: desk.agent)
            try await desk.comment(on: foreign, by: desk.agent)
            try await live.settle()
            try await reader.look()
            #expect(reader.events.allSatisfy { $0.ticket == mine.id && !$0.isPrivate })
            #expect(reader.types == [.commentCreated, .ticketStatusChanged] || reader.types == [.ticketStatusChanged, .commentCreated])
            let again = try await live.reader(desk.customer, for: wants, after: start)
            try await again.look()
            #expect(again.seqs.suffix(2) == reader.seqs[...] && again.events.count == 3)
        }
    }

    @Test("a comment that was taken back ends no subscription", arguments: TestEngine.all)
    func takenBack(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let live = try await LiveDesk(desk)
            let reader = try await live.reader(desk.customer, for: [.ticket(ticket.id)])
            let comment = try await desk.comment("swordfish", on: ticket, by: desk.customer)
            try await desk.delete(comment, on: ticket, by: desk.customer)
            try await live.settle()
            try await reader.look()
            #expect(reader.types == [.commentDeleted])
            try await desk.comment(on: ticket, by: desk.customer)
            try await live.settle()
            try await reader.look()
            #expect(reader.types == [.commentDeleted, .commentCreated])
        }
    }

    @Test("a ticket that goes to a colleague falls silent, all at once, and speaks again when it comes back", arguments: TestEngine.all)
    func reassigned(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.assignedOnly) { desk in
            let ticket = try await desk.ticket()
            let live = try await LiveDesk(desk)
            let reader = try await live.reader(desk.agent, for: [.ticket(ticket.id)])
            try await desk.comment("While it was nobody's", on: ticket, by: desk.customer)
            try await live.settle()
            // Put at the seat while they saw the ticket, and taken when they do not.
            try await desk.assign(ticket, to: .id(desk.otherAgent.id), by: desk.admin)
            try await desk.comment("Not for you", on: ticket, by: desk.customer)
            try await live.settle()
            try await reader.look()
            #expect(reader.events.isEmpty && !reader.follower.sees(ticket.id))
            live.hub.tell(.typing, by: desk.customer, on: ticket.id)
            try await reader.look()
            #expect(reader.signals.isEmpty)
            try await desk.assign(ticket, to: .id(desk.agent.id), by: desk.admin)
            try await live.settle()
            try await reader.look()
            #expect(reader.types == [.ticketAssigned])
            live.hub.tell(.typing, by: desk.customer, on: ticket.id)
            try await reader.look()
            #expect(reader.signals.count == 1)
        }
    }

    @Test("of what is in the bin only admins hear", arguments: TestEngine.all)
    func bin(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let live = try await LiveDesk(desk)
            let readers = [
                try await live.reader(desk.customer, for: [.ticket(ticket.id)]),
                try await live.reader(desk.agent, for: [.ticket(ticket.id)]),
                try await live.reader(desk.admin, for: [.ticket(ticket.id)]),
            ]
            let admin = desk.admin
            try await desk.write { work in try await work.discard(.id(ticket.id), as: admin) }
            try await live.settle()
            for reader in readers { try await reader.look() }
            #expect(readers.map(\.types) == [[], [], [.ticketDeleted]])
            _ = try await desk.write { work in try await work.restore(.id(ticket.id), as: admin) }
            try await desk.comment(on: ticket, by: desk.customer)
            try await live.settle()
            for reader in readers { try await reader.look() }
            #expect(readers.map { $0.types.last } == [.commentCreated, .commentCreated, .commentCreated])
        }
    }

    @Test(
        "signals reach the staff on a ticket, and neither customers nor whoever sent them; a flood is cut short", arguments: TestEngine.all)
    func signals(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let live = try await LiveDesk(desk)
            let agent = try await live.reader(desk.agent, for: [.ticket(ticket.id)])
            let owner = try await live.reader(desk.customer, for: [.ticket(ticket.id)])
            let elsewhere = try await live.reader(desk.otherAgent, for: [.everything])
            live.hub.tell(.typing, by: desk.customer, on: ticket.id)
            live.hub.tell(.viewing, by: desk.agent, on: ticket.id)
            for reader in [agent, owner, elsewhere] { try await reader.look() }
            #expect(agent.signals.map(\.kind) == [.typing] && owner.signals.isEmpty && elsewhere.signals.isEmpty)
            for _ in 0..<1000 { live.hub.tell(.typing, by: desk.customer, on: ticket.id) }
            try await agent.look()
            #expect(agent.signals.count == 1 + Seat.mostSignals)
        }
    }
}
