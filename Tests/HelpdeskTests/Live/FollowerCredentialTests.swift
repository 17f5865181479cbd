import Codec
import Domain
import Loop
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Followers and their credentials") struct FollowerCredentialTests {
    @Test("the end of a token dismisses whoever came with it, and a new one in time keeps them", arguments: TestEngine.all)
    func tokenEnds(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let reader = try await live.reader(desk.agent, for: [.everything])
            let renewed = try await live.reader(desk.admin, for: [.everything])
            desk.clock.advance(seconds: 600)
            try await live.settle()
            renewed.follower.renew(try await live.visitor(desk.admin))
            desk.clock.advance(seconds: 302)
            try await live.settle()
            #expect(reader.wakes == 1 && renewed.wakes == 0)
            try await reader.look()
            try await renewed.look()
            #expect(reader.isDismissed && !renewed.isDismissed)
            desk.clock.advance(seconds: 600)
            try await live.settle()
            try await renewed.look()
            #expect(renewed.isDismissed)
        }
    }

    @Test("who is demoted, promoted, dismissed, deleted or signed out is dismissed here too", arguments: TestEngine.all)
    func changed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let acts: [@Sendable (Caller) async throws -> Void] = [
                { who in _ = try await desk.change(who.id) { $0.role = .customer } },
                { who in _ = try await desk.change(who.id) { $0.role = .admin } },
                { who in _ = try await desk.change(who.id) { $0.isActive = false } },
                { who in try await desk.delete(who.id) },
                { who in try await desk.write { work in try await work.endSessions(of: who.id) } },
            ]
            for (number, act) in acts.enumerated() {
                let who = try await desk.desk.testPerson("Agent\(number)", .agent)
                try await live.settle()
                let reader = try await live.reader(who, for: [.everything])
                let other = try await live.reader(desk.otherAgent, for: [.everything])
                try await act(who)
                // Comes behind it, and is nothing for them any more.
                let ticket = try await desk.ticket()
                try await live.settle()
                try await reader.look()
                try await other.look()
                #expect(reader.isDismissed && !reader.events.contains { $0.ticket == ticket.id }, "act \(number)")
                #expect(!other.isDismissed && other.events.last?.ticket == ticket.id)
            }
        }
    }

    @Test("another name changes nothing", arguments: TestEngine.all)
    func renamed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let reader = try await live.reader(desk.agent, for: [.everything])
            _ = try await desk.change(desk.agent.id) { $0.firstName = .to("Robert") }
            try await live.settle()
            try await reader.look()
            #expect(!reader.isDismissed && reader.types == [.userUpdated] && reader.follower.caller.name == "Robert Example")
        }
    }

    @Test("a key that is deleted, or ends, ends what it opened", arguments: TestEngine.all)
    func keys(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let live = try await LiveDesk(desk)
            let agent = desk.agent.withSession
            let end = desk.clock.now.adding(seconds: 100)
            let made = try await desk.write { work in
                var draft = APIKeyDraft()
                (draft.name, draft.scopes) = ("a key", [.read])
                let lasting = try await work.makeAPIKey(draft, as: agent)
                draft.expiresAt = end
                return [lasting, try await work.makeAPIKey(draft, as: agent)]
            }
            var readers: [Reader] = []
            for one in made {
                let visitor = try await desk.desk.visitor(with: Array(one.text.utf8))
                readers.append(try Reader(live.hub, visitor, for: [.everything], after: nil))
            }
            desk.clock.advance(seconds: 101)
            try await live.settle()
            for reader in readers { try await reader.look() }
            #expect(readers.map(\.isDismissed) == [false, true])
            let key = made[0].key.id
            try await desk.write { work in try await work.deleteAPIKey(key, as: agent) }
            try await live.settle()
            try await readers[0].look()
            #expect(readers[0].isDismissed)
        }
    }

    @Test("a seat gives nothing as long as its caller has to be looked at") func staleSeat() {
        let wakes = Locked(0)
        let seat = Seat { wakes.withLock { $0 += 1 } }
        seat.put(Helpdesk.Signal(.typing, on: Identifier(1), by: Identifier(2), named: "A"))
        #expect(seat.take()?.signals.count == 1)
        seat.callerChanged()
        seat.put(Helpdesk.Signal(.typing, on: Identifier(1), by: Identifier(2), named: "A"))
        #expect(wakes.withLock { $0 } == 2 && seat.take() == nil)
        #expect(seat.takesStale() && !seat.takesStale())
        #expect(seat.take()?.signals.count == 1)
    }
}
