import Domain
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Whoever follows the log") struct FollowerTests {
    @Test("joins, and gets each thing that comes once and in order, woken once for all of it", arguments: TestEngine.all)
    func joins(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.ticket()
            let live = try await LiveDesk(desk)
            let staff = try await live.reader(desk.agent, for: [.everything, .tickets(of: desk.agent.id)])
            let owner = try await live.reader(desk.customer, for: [.tickets(of: desk.customer.id)])
            let start = try await desk.lastSeq()
            let mine = try await desk.ticket()
            _ = try await desk.ticket(by: desk.otherCustomer)
            try await desk.comment(on: mine, by: desk.agent)
            try await live.settle()
            #expect(staff.wakes == 1 && owner.wakes == 1)
            try await staff.look()
            try await owner.look()
            #expect(try await staff.seqs == desk.seqs(after: start))
            #expect(try await owner.seqs == desk.seqs(after: start, of: mine))
            try await staff.look()
            #expect(try await staff.seqs == desk.seqs(after: start))
        }
    }

    @Test("comes back to a place, and gets what was missed and then what comes", arguments: TestEngine.all)
    func resumes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            try await desk.manyTickets(250)
            try await live.settle()
            let place = try await desk.seqs()[20]
            for (caller, interest) in [(desk.agent, Interest.everything), (desk.customer, .tickets(of: desk.customer.id))] {
                let reader = try await live.reader(caller, for: [interest], after: place)
                // Comes while the log is still to be read.
                _ = try await desk.ticket()
                try await live.settle()
                try await reader.look()
                _ = try await desk.ticket()
                try await live.settle()
                try await reader.look()
                let all = try await desk.seqs(after: place)
                let theirs = caller.isStaff ? all : reader.events.filter { $0.ticket != nil }.map(\.seq)
                #expect(reader.seqs == theirs && reader.events.count > 230)
                reader.follower.leave()
            }
        }
    }

    @Test("is not told again what another node has told, though this one has not come so far", arguments: TestEngine.all)
    func ahead(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let ticket = try await desk.ticket()
            let place = try await desk.lastSeq()
            let reader = try await live.reader(desk.agent, for: [.everything], after: place)
            try await reader.look()
            try await live.settle()
            try await desk.comment(on: ticket, by: desk.customer)
            try await live.settle()
            try await reader.look()
            #expect(reader.types == [.commentCreated])
        }
    }

    @Test("begins now when the place is another log's", arguments: TestEngine.all)
    func foreign(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let live = try await LiveDesk(desk)
            let reader = try await live.reader(desk.agent, for: [.everything], after: 1_000_000)
            try await reader.look()
            try await desk.comment(on: ticket, by: desk.customer)
            try await live.settle()
            try await reader.look()
            #expect(reader.types == [.commentCreated])
        }
    }

    @Test("goes back on the way, with what is followed then", arguments: TestEngine.all)
    func goesBack(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let reader = try await live.reader(desk.agent, for: [])
            let place = try await desk.lastSeq()
            let (one, two) = (try await desk.ticket(), try await desk.ticket())
            try await live.settle()
            // Without a ticket there is nothing to go back for.
            reader.follower.resume(after: place)
            try await reader.look()
            #expect(reader.events.isEmpty)
            reader.follower.follow(.ticket(two.id))
            reader.follower.resume(after: place)
            try await reader.look()
            try await desk.comment(on: one, by: desk.customer)
            try await desk.comment(on: two, by: desk.customer)
            try await live.settle()
            try await reader.look()
            #expect(try await reader.seqs == desk.seqs(after: place, of: two))
            reader.follower.unfollow(.ticket(two.id))
            try await desk.comment(on: two, by: desk.customer)
            try await live.settle()
            try await reader.look()
            #expect(reader.events.count == 2)
        }
    }

    @Test("who is slower than the desk reads on in the log, and loses nothing", arguments: TestEngine.all)
    func overflows(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let reader = try await live.reader(desk.agent, for: [.everything])
            let start = try await desk.lastSeq()
            try await desk.manyTickets(Seat.mostEvents - 1)
            try await live.settle()
            try await desk.manyTickets(10)
            try await live.settle()
            try await reader.look()
            #expect(try await reader.seqs == desk.seqs(after: start))
            _ = try await desk.ticket()
            try await live.settle()
            try await reader.look()
            #expect(try await reader.seqs == desk.seqs(after: start))
        }
    }

    @Test("nobody connected costs nothing, and who comes then is told nothing old", arguments: TestEngine.all)
    func nobody(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            try await desk.manyTickets(600)
            try await live.settle()
            #expect(live.hub.count == 0)
            let reader = try await live.reader(desk.agent, for: [.everything])
            try await reader.look()
            #expect(reader.events.isEmpty && live.hub.count == 1)
            reader.follower.leave()
            reader.follower.leave()
            #expect(live.hub.count == 0)
            _ = try await desk.ticket()
            try await live.settle()
            #expect(reader.wakes == 0)
        }
    }

    @Test("cannot begin before the log's end is known", arguments: TestEngine.all)
    func notReady(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let visitor = try await live.visitor(desk.agent)
            let hub = Hub(desk.desk)
            #expect(!hub.isReady)
            #expect(throws: DeskError.busy("The event log is still being looked at")) {
                _ = try Follower(hub, visitor, for: [], after: nil) {}
            }
        }
    }

    @Test("an event is rendered once in each form") func renderedOnce() throws {
        let event = SharedEvent(
            Event(
                seq: 1, id: Event.ID(1), type: .ticketCreated, at: Moment(0), actor: nil, ticket: nil, isPrivate: false, subject: .erased,
                changes: [], standing: nil))
        let agent = Caller(id: Identifier(1), label: "a", name: "A", email: nil, role: .agent)
        let admin = Caller(id: Identifier(2), label: "b", name: "B", email: nil, role: .admin)
        let customer = Caller(id: Identifier(3), label: "c", name: "C", email: nil, role: .customer)
        var renders = 0
        for caller in [agent, admin, customer, agent, customer] {
            for name in ["socket", "server-sent"] {
                _ = event.bytes(SharedEvent.Form(name, for: caller)) {
                    renders += 1
                    return [UInt8(renders)]
                }
            }
        }
        #expect(renders == 4)
    }
}
