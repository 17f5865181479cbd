import Domain
import Helpdesk
import Loop
import TestEngines
import Testing

@Suite("Refresh tokens") struct RefreshTests {
    private static let dead = DeskError.unauthorized("This refresh token is not good any more")

    @Test("one is good once, and gives the next", arguments: TestEngine.all)
    func rotates(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.register("eve@example.com")
            let second = try await desk.desk.refresh(first.refreshToken)
            let third = try await desk.desk.refresh(second.refreshToken)
            #expect(Set([first, second, third].map(\.refreshToken)).count == 3)
            #expect(await desk.isGood(third))
        }
    }

    @Test("one that comes again ends its whole sign-in, and no other", arguments: TestEngine.all)
    func theft(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.register("eve@example.com")
            let other = try await desk.signIn("eve")
            let second = try await desk.desk.refresh(first.refreshToken)
            await #expect(throws: Self.dead) { try await desk.desk.refresh(first.refreshToken) }
            await #expect(throws: Self.dead) { try await desk.desk.refresh(second.refreshToken) }
            #expect(await !desk.isGood(second))
            #expect(await desk.isGood(other))
        }
    }

    @Test("of many who bring one at once, one gets the next at most, and it is dead", arguments: TestEngine.all)
    func atTheSameTime(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.register("eve@example.com")
            let won = Locked<[SignIn]>([])
            try await atOnce(8) { _ in
                do {
                    let signIn = try await desk.desk.refresh(first.refreshToken)
                    won.withLock { $0.append(signIn) }
                } catch let error as DeskError { #expect(error == Self.dead) }
            }
            let winners = won.withLock { $0 }
            #expect(winners.count == 1)
            for winner in winners { #expect(await !desk.isGood(winner)) }
        }
    }

    @Test("a sign-in that is used lives on, and one that is not ends", arguments: TestEngine.all)
    func slides(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var used = try await desk.register("eve@example.com")
            let unused = try await desk.signIn("eve")
            for _ in 0..<3 {
                desk.clock.advance(days: 5)
                used = try await desk.desk.refresh(used.refreshToken)
            }
            await #expect(throws: Self.dead) { try await desk.desk.refresh(unused.refreshToken) }
        }
    }

    @Test("signing out may be said twice, and by a dead token too", arguments: TestEngine.all)
    func signOut(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.register("eve@example.com")
            let second = try await desk.desk.refresh(first.refreshToken)
            #expect(await desk.isGood(second))
            for token in [first.refreshToken, first.refreshToken, "nothing of ours"] { try await desk.desk.signOut(token) }
            #expect(await !desk.isGood(second))
            await #expect(throws: Self.dead) { try await desk.desk.refresh(second.refreshToken) }
        }
    }
}
