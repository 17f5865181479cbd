import Codec
import Domain
import Glibc
import Loop
import TestEngines
import Testing

@testable import Helpdesk

@Suite("What nodes tell each other", .timeLimit(.minutes(2))) struct OtherNodesTests {
    private func notices(of desk: Desk) -> Locked<[NodeNotice]> {
        let told = Locked<[NodeNotice]>([])
        desk.nodes.reach { message, _ in
            if let notice = try? NodeNotice.shape.read(json: message) { told.withLock { $0.append(notice) } }
        }
        return told
    }

    private func message(_ kind: NodeNotice.Kind, _ people: [Attendance] = [], from node: String = "other") -> [UInt8] {
        JSON.bytes(of: NodeNotice(node: node, kind: kind, people: people))
    }

    @Test("a change tells that there is news; what changes nothing, and what is refused, tells nothing")
    func news() async throws {
        try await withDesk(on: .sqlite) { desk in
            let told = notices(of: desk.desk)
            let ticket = try await desk.ticket()
            #expect(told.withLock { $0.map(\.kind) } == [.news])
            _ = try await desk.read { look in try await look.ticket(.id(ticket.id), as: desk.agent) }
            #expect(told.withLock { $0.count } == 1)
        }
    }

    /// The address sanitizer keeps locals apart from the stack, so that their places tell nothing of its depth.
    private static let keepsLocalsApart = dlsym(nil, "__asan_init") != nil

    @Test("the thousandth message goes no deeper into the stack than the first", .disabled(if: keepsLocalsApart))
    func depth() {
        let nodes = OtherNodes(name: "one")
        let places = Locked<[Int]>([])
        nodes.reach { _, _ in
            var here: UInt8 = 0
            withUnsafePointer(to: &here) { place in places.withLock { $0.append(Int(bitPattern: place)) } }
        }
        for _ in 0..<1_000 { nodes.tell(.news) }
        let (first, last) = places.withLock { ($0[0], $0[999]) }
        #expect(abs(first - last) < 4_096)
    }

    @Test("what is heard rings the bell and is not told again")
    func heard() async throws {
        try await withDesk(on: .sqlite) { desk in
            let told = notices(of: desk.desk)
            let hub = Hub(desk.desk)
            let rung = Locked(0)
            let listener = desk.desk.bell.listen { rung.withLock { $0 += 1 } }
            hub.hear(message(.news))
            #expect(rung.withLock { $0 } == 1)
            hub.hear(message(.news, from: desk.desk.nodes.name))
            hub.hear(Array("{}".utf8))
            hub.hear(Array("news".utf8))
            #expect(rung.withLock { $0 } == 1 && told.withLock { $0.isEmpty })
            desk.desk.bell.leave(listener)
        }
    }

    @Test("a change of callers elsewhere is looked up at once")
    func callers() async throws {
        try await withDesk(on: .sqlite) { desk in
            let generation = desk.desk.callers.generation
            Hub(desk.desk).hear(message(.callers))
            #expect(desk.desk.callers.generation != generation)
        }
    }

    @Test("who comes and leaves is told once a node, and whoever comes learns who is there on any")
    func presence() async throws {
        try await withDesk(on: .sqlite) { desk in
            let told = notices(of: desk.desk)
            let hub = Hub(desk.desk)
            let ticket = Ticket.ID(7)
            let away = Attendance(ticket: ticket, person: desk.otherAgent.id, name: "Away")
            hub.hear(message(.came, [away]))
            #expect(hub.come(desk.agent, to: ticket) == [Signal(.presence, away)])
            #expect(hub.come(desk.agent, to: ticket) == [Signal(.presence, away)])
            hub.leave(desk.agent, from: ticket)
            #expect(told.withLock { $0.map(\.kind) } == [.came])
            hub.leave(desk.agent, from: ticket)
            #expect(told.withLock { $0.map(\.kind) } == [.came, .left])
            hub.hear(message(.left, [away]))
            #expect(hub.come(desk.customer, to: ticket).isEmpty)
        }
    }

    @Test("a node that is new is told who is here, and a dead one's people are forgotten")
    func rolls() async throws {
        try await withDesk(on: .sqlite) { desk in
            let told = notices(of: desk.desk)
            let hub = Hub(desk.desk)
            let ticket = Ticket.ID(7)
            _ = hub.come(desk.agent, to: ticket)
            hub.hear(message(.hello))
            let roll = told.withLock { $0.last }
            #expect(roll?.kind == .roll && roll?.people.map(\.person) == [desk.agent.id])
            hub.hear(message(.roll, [Attendance(ticket: ticket, person: desk.otherAgent.id, name: "Away")]))
            #expect(hub.come(desk.customer, to: ticket).count == 2)
            desk.clock.advance(seconds: 31)
            hub.callRoll()
            #expect(hub.come(desk.customer, to: ticket).map(\.person) == [desk.agent.id])
        }
    }
}
