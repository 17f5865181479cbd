import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("Registering") struct RegisterTests {
    @Test("of many who register one address at once, one gets it", arguments: TestEngine.all)
    func atTheSameTime(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let outcomes = Locked((done: 0, refused: 0))
            try await atOnce(8) { _ in
                do {
                    try await desk.register("eve@example.com")
                    outcomes.withLock { $0.done += 1 }
                } catch DeskError.conflict("Email already registered") {
                    outcomes.withLock { $0.refused += 1 }
                }
            }
            #expect(outcomes.withLock { $0 } == (1, 7))
            #expect(try await desk.mailedTokens("verify_email", to: "eve@example.com").count == 1)
        }
    }

    @Test("people of one local part get usernames of their own, also at once", arguments: TestEngine.all)
    func usernames(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let names = Locked<Set<String>>([])
            try await atOnce(8) { number in
                let name = try await desk.register("sam@host\(number).example").person.username
                names.withLock { names in if let name { names.insert(name) } }
            }
            #expect(names.withLock { $0 }.count == 8)
            #expect(names.withLock { $0 }.contains("sam"))
        }
    }

    @Test("a username that is taken is refused, in any case", arguments: TestEngine.all)
    func takenUsername(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            await #expect(throws: DeskError.conflict("Username already taken")) {
                try await desk.register("eve@example.com") { $0.username = "ALICE" }
            }
        }
    }

    @Test("staff is made by an admin, and by nobody else", arguments: TestEngine.all)
    func staff(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var registration = Helpdesk.Registration()
            (registration.email, registration.password) = ("agent@example.com", TestDesk.password)
            (registration.firstName, registration.role) = ("Agent", .agent)
            let wanted = registration
            let readOnly = Caller(id: desk.admin.id, label: "", name: "", email: nil, role: .admin, scopes: [.read, .write])
            for caller in [nil, desk.customer, desk.agent, readOnly] {
                await #expect(throws: DeskError.forbidden("Only an admin makes staff")) {
                    try await desk.desk.register(wanted, as: caller, from: .test)
                }
            }
            let agent = try await desk.desk.register(wanted, as: desk.admin, from: .test).person
            #expect(agent.role == .agent)
            registration.email = "other@example.com"
            let other = registration
            let second = try await desk.desk.register(other, as: nil, from: .test, staffIsWelcome: true).person
            #expect(second.role == .agent)
        }
    }

    @Test("what is wrong is told at once")
    func invalid() async throws {
        try await withDesk(on: .sqlite) { desk in
            let error = await #expect(throws: DeskError.self) {
                try await desk.register("nobody", password: "short") { $0.username = "a@b" }
            }
            guard case .invalid(let fields)? = error else { return #expect(Bool(false), "not .invalid") }
            #expect(fields.map(\.location) == ["email", "username", "password"])
        }
    }

    @Test("no event and no address of the log has a secret", arguments: TestEngine.all)
    func secrets(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let signIn = try await desk.register("eve@example.com")
            let token = try await desk.mailedToken("verify_email", to: "eve@example.com")
            try await desk.desk.verifyAddress(with: token)
            let log = try await desk.database.read { db in
                try await db.all("SELECT data || changes FROM events") { $0.text() }.joined()
            }
            for secret in [token, signIn.refreshToken, TestDesk.password, "argon2id"] { #expect(!log.contains(secret)) }
        }
    }
}
