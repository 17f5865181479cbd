import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("The first admin") struct FirstAdminTests {
    /// A desk without an admin.
    private static func dismissAdmins(_ desk: TestDesk) async throws {
        try await desk.database.write { db in try await db.run("UPDATE people SET role = 'customer' WHERE role = 'admin'") }
    }

    private static func registration(_ email: String) -> Helpdesk.Registration {
        var registration = Helpdesk.Registration()
        (registration.email, registration.password) = (email, TestDesk.password)
        (registration.firstName, registration.lastName) = ("Ada", "Admin")
        return registration
    }

    @Test("of many who use printed links at once, one is the admin", arguments: TestEngine.all)
    func setsUp(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.signedIn(desk.admin)
            #expect(try await desk.desk.makeSetUpLink() == nil)
            try await Self.dismissAdmins(desk)
            let link = try #require(try await desk.desk.makeSetUpLink())
            #expect(link.hasPrefix("http://127.0.0.1:3000/setup?token="))
            let token = String(try #require(link.split(separator: "=").last))
            let done = Locked(0)
            try await atOnce(4) { number in
                do {
                    let signIn = try await desk.desk.setUp(with: token, Self.registration("ada\(number)@example.com"), from: .test)
                    #expect(signIn.person.role == .admin && signIn.person.isVerified)
                    done.withLock { $0 += 1 }
                } catch is DeskError {}
            }
            #expect(done.withLock { $0 } == 1)
            #expect(try await desk.desk.makeSetUpLink() == nil)
        }
    }

    @Test("a link of an earlier start is dead", arguments: TestEngine.all)
    func earlier(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await Self.dismissAdmins(desk)
            let first = try #require(try await desk.desk.makeSetUpLink())
            _ = try await desk.desk.makeSetUpLink()
            let token = String(try #require(first.split(separator: "=").last))
            await #expect(throws: DeskError.self) {
                try await desk.desk.setUp(with: token, Self.registration("ada@example.com"), from: .test)
            }
        }
    }

    @Test("the admin that the settings name is added when there is none", arguments: TestEngine.all)
    func named(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.signedIn(desk.admin)
            #expect(try await !desk.desk.addFirstAdmin(email: "ada@example.com", password: TestDesk.password))
            try await Self.dismissAdmins(desk)
            #expect(try await desk.desk.addFirstAdmin(email: "ada@example.com", password: TestDesk.password))
            #expect(try await !desk.desk.addFirstAdmin(email: "ada@example.com", password: TestDesk.password))
            #expect(try await desk.signIn("ada").person.role == .admin)
        }
    }

    @Test("admins who cannot sign in here do not stand in for the first", arguments: TestEngine.all)
    func others(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            // Added by somebody, and without a password yet.
            #expect(try await !desk.desk.hasAdmin())
            // By an outside issuer's word.
            _ = try await desk.vouchedFor(.admin)
            #expect(try await !desk.desk.hasAdmin())
            #expect(try await desk.desk.makeSetUpLink() != nil)
            #expect(try await desk.desk.addFirstAdmin(email: "ada@example.com", password: TestDesk.password))
            #expect(try await desk.desk.hasAdmin())
            try await desk.database.write { db in try await db.run("UPDATE people SET is_active = FALSE WHERE email = 'ada@example.com'") }
            #expect(try await !desk.desk.hasAdmin())
        }
    }
}
