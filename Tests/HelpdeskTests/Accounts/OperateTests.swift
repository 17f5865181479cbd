import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Accounts as the operator sees them") struct OperateTests {
    @Test("somebody is added with a verified address, and signs in", arguments: TestEngine.all)
    func adds(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var registration = Helpdesk.Registration()
            (registration.email, registration.password, registration.name) = ("eve@example.com", TestDesk.password, "Eve")
            let person = try await desk.desk.addAccount(registration, role: .agent)
            #expect(person.isVerified && person.role == .agent && person.username == "eve")
            #expect(try await desk.signIn("eve").person.id == person.id)
            let again = registration
            await #expect(throws: DeskError.conflict("Email already registered")) {
                try await desk.desk.addAccount(again, role: .customer)
            }
        }
    }

    @Test("a new password ends sign-ins, and leaves a second factor on unless told otherwise", arguments: TestEngine.all)
    func password(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let old = try await desk.register("eve@example.com")
            let sealed = [UInt8](repeating: 0, count: 64)
            try await desk.database.write { db in
                try await db.run("UPDATE people SET totp_secret = \(sealed), totp_confirmed = TRUE WHERE username_key = 'eve'")
            }
            try await desk.desk.setPassword(of: "EVE@example.com", to: "another password")
            await #expect(throws: DeskError.self) { try await desk.desk.refresh(old.refreshToken) }
            await #expect(throws: DeskError.self) { try await desk.signIn("eve", "another password") }
            try await desk.desk.setPassword(of: "eve", to: "another password", endingSecondFactor: true)
            _ = try await desk.signIn("eve", "another password")
        }
    }

    @Test("nobody's password is not set, nor one that is none", arguments: TestEngine.all)
    func refuses(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            await #expect(throws: DeskError.notFound("There is no account nobody")) {
                try await desk.desk.setPassword(of: "nobody", to: "another password")
            }
            await #expect(throws: DeskError.self) { try await desk.desk.setPassword(of: "nobody", to: "short") }
        }
    }

    @Test("accounts are listed page by page in the order in which they came", arguments: TestEngine.all)
    func lists(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for number in 0..<5 {
                try await desk.register("eve\(number)@example.com")
                desk.clock.advance(seconds: 1)
            }
            let all = try await desk.read { look in try await look.accounts(after: nil, atMost: 500) }
            #expect(all.suffix(5).map(\.username) == (0..<5).map { "eve\($0)" })
            let some = all[all.count - 3]
            let rest = try await desk.read { look in try await look.accounts(after: some, atMost: 500) }
            #expect(rest.map(\.username) == ["eve3", "eve4"])
        }
    }

    @Test("the demo is not made on a desk that has accounts", arguments: TestEngine.all)
    func demo(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            try await desk.database.write { db in
                try await db.run("UPDATE people SET email_key = 'zoe@example.com' WHERE email_key = 'alice@example.com'")
            }
            await #expect(throws: DeskError.conflict("There are accounts here: the demo wants a database of its own")) {
                try await desk.desk.plantDemo()
            }
        }
    }
}
