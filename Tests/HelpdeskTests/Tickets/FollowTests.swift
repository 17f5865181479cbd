import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("Following a ticket") struct FollowTests {
    @Test("staff follow it, and let others follow, which changes nothing of it", arguments: TestEngine.all)
    func follows(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let people = [desk.agent.id, desk.admin.id]
            for person in people + people {
                _ = try await desk.write { work in try await work.addFollower(person, to: .id(ticket.id), as: desk.agent) }
            }
            let followers = try await desk.read { look in try await look.followers(of: .id(ticket.id), as: desk.otherAgent) }
            #expect(followers.map(\.name) == ["Bob Example", "Carol Example"])
            #expect(try await desk.find(ticket) == ticket)
        }
    }

    @Test("who follows no longer is not among them", arguments: TestEngine.all)
    func unfollows(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let bob = desk.agent.id
            _ = try await desk.write { work in try await work.addFollower(bob, to: .id(ticket.id), as: desk.agent) }
            _ = try await desk.read { look in try await look.follower(bob, of: .id(ticket.id), as: desk.agent) }
            for _ in 0..<2 { try await desk.write { work in try await work.removeFollower(bob, from: .id(ticket.id), as: desk.agent) } }
            await #expect(throws: DeskError.notFound("They do not follow this ticket")) {
                try await desk.read { look in try await look.follower(bob, of: .id(ticket.id), as: desk.agent) }
            }
        }
    }

    @Test("customers neither follow nor are made to", arguments: TestEngine.all)
    func forbidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            let alice = desk.customer.id
            await #expect(throws: DeskError.forbidden("Only staff follow tickets")) {
                try await desk.write { work in try await work.addFollower(alice, to: .id(ticket.id), as: desk.customer) }
            }
            await #expect(throws: DeskError.notFound("User not found")) {
                try await desk.write { work in try await work.addFollower(alice, to: .id(ticket.id), as: desk.agent) }
            }
        }
    }
}
