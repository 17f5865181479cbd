import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("Signing in") struct SignInTests {
    @Test("who registered signs in by address or username, in any case", arguments: TestEngine.all)
    func signsIn(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let person = try await desk.register("Eve.Doe@Example.com").person
            #expect(person.role == .customer && !person.isVerified && person.username == "Eve.Doe" && person.name == "Eve Doe")
            for name in ["Eve.Doe@Example.com", "eve.doe@example.COM", "EVE.DOE"] {
                let signIn = try await desk.signIn(name)
                #expect(signIn.person == person)
                #expect(await desk.isGood(signIn))
            }
        }
    }

    @Test("a wrong password, an unknown name and somebody without a password are told alike", arguments: TestEngine.all)
    func wrong(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            _ = try await desk.contact("contact@example.com")
            for (name, password) in [
                ("eve", "wrong"), ("nobody@example.com", TestDesk.password), ("alice@example.com", ""), ("contact@example.com", "x"),
            ] {
                await #expect(throws: DeskError.unauthorized("Invalid credentials")) { try await desk.signIn(name, password) }
            }
        }
    }

    @Test("who was dismissed does not come in", arguments: TestEngine.all)
    func dismissed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let signIn = try await desk.register("eve@example.com")
            try await desk.database.write { db in try await db.run("UPDATE people SET is_active = FALSE WHERE username_key = 'eve'") }
            await #expect(throws: DeskError.unauthorized("Invalid credentials")) { try await desk.signIn("eve") }
            await #expect(throws: DeskError.self) { try await desk.desk.refresh(signIn.refreshToken) }
        }
    }

    @Test("a bcrypt hash brought from elsewhere fits, and is made anew", arguments: TestEngine.all)
    func bcrypt(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            let bcrypt = "$2b$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu"
            try await desk.database.write { db in
                try await db.run("UPDATE people SET password_hash = \(bcrypt) WHERE username_key = 'eve'")
            }
            _ = try await desk.signIn("eve", "password")
            let hash = try await desk.database.read { db in
                try await db.first("SELECT password_hash FROM people WHERE username_key = 'eve'") { $0.text() }
            }
            #expect(hash?.hasPrefix("$argon2id$") == true)
            _ = try await desk.signIn("eve", "password")
        }
    }

    @Test("somebody with a second factor does not come in without it", arguments: TestEngine.all)
    func secondFactor(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            try await desk.database.write { db in
                let sealed = [UInt8](repeating: 0, count: 64)
                try await db.run("UPDATE people SET totp_secret = \(sealed), totp_confirmed = TRUE WHERE username_key = 'eve'")
            }
            await #expect(throws: DeskError.self) { try await desk.signIn("eve") }
        }
    }

    @Test("when too many wait to be hashed, the next is told to come again")
    func busy() async throws {
        try await withDesk(on: .sqlite) { desk in
            var outside = desk.desk.outside
            outside.offloadHash = { _ in throw DeskError.busy("Too much is waiting") }
            let full = try Desk(desk.database, Rules(), outside, secret: Array("another secret for tests".utf8))
            await #expect(throws: DeskError.busy("Too much is waiting")) {
                try await full.signIn("eve", password: "x", from: .test)
            }
        }
    }

    @Test("the oldest of too many sign-ins ends", arguments: TestEngine.all)
    func tooMany(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.register("eve@example.com")
            let (people, now) = ([first.person.id], desk.clock.now.milliseconds)
            let outside = desk.desk.outside
            try await desk.database.write { db in
                for number in 1...120 {
                    try await db.run(
                        """
                        INSERT INTO sessions (id, person_id, user_agent, address, created_at, last_used_at, expires_at)
                        VALUES (\(outside.newID()), \(people[0]), '', '', \(now + number), \(now), \(now + 86_400_000))
                        """)
                }
            }
            desk.clock.advance(seconds: 1)
            let last = try await desk.signIn("eve")
            let caller = try await desk.desk.caller(with: Array(last.accessToken.utf8))
            let sessions = try await desk.read { look in try await look.sessions(of: caller) }
            #expect(sessions.count == 100 && sessions.first?.id == caller.session)
            #expect(await !desk.isGood(first))
        }
    }
}
