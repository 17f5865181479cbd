import Codec
import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("Mailed links") struct MailedLinkTests {
    private static let dead = DeskError.invalid([InvalidField("token", "link_expired", "This link was used, or is too old")])

    @Test("an address is verified once, within the hour", arguments: TestEngine.all)
    func verifies(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            let token = try await desk.mailedToken("verify_email", to: "eve@example.com")
            try await desk.desk.verifyAddress(with: token)
            #expect(try await desk.signIn("eve").person.isVerified)
            await #expect(throws: Self.dead) { try await desk.desk.verifyAddress(with: token) }

            try await desk.register("late@example.com")
            let late = try await desk.mailedToken("verify_email", to: "late@example.com")
            desk.clock.advance(seconds: 3600)
            await #expect(throws: Self.dead) { try await desk.desk.verifyAddress(with: late) }
            await #expect(throws: Self.dead) { try await desk.desk.verifyAddress(with: "nothing of ours") }
        }
    }

    @Test("what waits to be mailed opens no account for who has the database alone", arguments: TestEngine.all)
    func sealed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let eve = try await desk.register("eve@example.com").person.id
            let token = try await desk.mailedToken("verify_email", to: "eve@example.com")
            let payload = try #require(
                try await desk.database.read { db in try await db.first("SELECT payload FROM outbox") { $0.bytes() } })
            for word in [token, "link", "token="] {
                let bytes = Array(word.utf8)
                #expect(!payload.indices.contains { payload[$0...].starts(with: bytes) })
            }
            // Nobody puts another's link in a row of their own, and no other desk opens it.
            #expect(desk.desk.openMail(payload, to: desk.customer.id) == nil)
            let (old, new) = (Array("a secret for tests only".utf8), Array("the secret that follows it".utf8))
            let alone = try Desk(desk.database, Rules(), desk.desk.outside, secret: new)
            let both = try Desk(desk.database, Rules(), desk.desk.outside, secret: new, previousSecrets: [old])
            #expect(alone.openMail(payload, to: eve) == nil)
            #expect(both.openMail(payload, to: eve)?["link"]?.string?.hasSuffix(token) == true)
            // A row that is done holds nothing any more: the table takes no other.
            await #expect(throws: StorageFault.self) {
                try await desk.database.write { db in try await db.run("UPDATE outbox SET done_at = 1") }
            }
            try await desk.database.write { db in try await db.run("UPDATE outbox SET done_at = 1, payload = \([UInt8]())") }
        }
    }

    @Test("a wrong password verifies nothing and leaves the link as it was", arguments: TestEngine.all)
    func wrongPassword(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            let token = try await desk.mailedToken("verify_email", to: "eve@example.com")
            let wrong = DeskError.invalid([InvalidField("password", "password_wrong", "This is not the password of the account")])
            await #expect(throws: wrong) { try await desk.desk.verifyAddress(with: token, password: "a wrong one") }
            #expect(try await !desk.signIn("eve").person.isVerified)
            try await desk.desk.verifyAddress(with: token, password: TestDesk.password)
            #expect(try await desk.signIn("eve").person.ownsAddress)
            await #expect(throws: Self.dead) { try await desk.desk.verifyAddress(with: token, password: TestDesk.password) }
        }
    }

    @Test(
        "who has the address of an account that a stranger registered gets it without what the stranger set up", arguments: TestEngine.all,
        ["reset_password", "verify_email"])
    func claimsFromStranger(on engine: TestEngine, mail: String) async throws {
        try await withDesk(on: engine) { desk in
            let stranger = try await desk.register("victim@example.com") { ($0.firstName, $0.username) = ("Mallory", "mallory") }
            let id = stranger.person.id
            let caller = try await desk.caller(with: stranger.accessToken)
            let secret = try await desk.write { work in try await work.beginSecondFactor(as: caller) }
            let code = TOTP(secret: try #require(Base32.decode(secret.text))).code(at: desk.step)
            _ = try await desk.write { work in try await work.confirmSecondFactor(code, as: caller) }
            var change = OwnChange()
            (change.locale, change.timeZone) = (.to("tlh"), .to("Europe/Berlin"))
            let own = change
            _ = try await desk.write { work in try await work.change(own, of: caller, expecting: nil) }
            // A key from when they were staff, say.
            try await desk.database.write { db in try await db.run("UPDATE people SET role = 'agent' WHERE id = \(id)") }
            let key = try await desk.key(["read"], of: Caller(id: id, label: "", name: "", email: nil, role: .agent))

            if mail == "reset_password" { try await desk.desk.mailPasswordLink(to: "victim@example.com") }
            let token = try await desk.mailedToken(mail, to: "victim@example.com")
            try await desk.desk.resetPassword(
                with: token, to: "the victim's own", by: mail == "reset_password" ? .reset : .verify)

            let person = try await desk.signIn("victim@example.com", "the victim's own").person
            #expect(person.id == id && person.ownsAddress && person.username == "victim")
            #expect([person.firstName, person.lastName, person.name] == ["", "", "victim"])
            #expect(person.locale == nil && person.timeZone == nil)
            #expect(await !desk.isGood(stranger))
            #expect(try await desk.isRefused(key))
            #expect(try await desk.count("SELECT count(*) FROM recovery_codes") == 0)
            await #expect(throws: DeskError.self) { try await desk.signIn("mallory", "the victim's own") }
        }
    }

    @Test("a reset of an account that owns its address leaves its second factor and its names", arguments: TestEngine.all)
    func keepsOwners(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let eve = try await desk.caller(with: try await desk.register("eve@example.com").accessToken)
            try await desk.desk.verifyAddress(
                with: try await desk.mailedToken("verify_email", to: "eve@example.com"), password: TestDesk.password)
            let secret = try await desk.write { work in try await work.beginSecondFactor(as: eve) }
            let app = TOTP(secret: try #require(Base32.decode(secret.text)))
            let code = app.code(at: desk.step)
            _ = try await desk.write { work in try await work.confirmSecondFactor(code, as: eve) }
            try await desk.desk.mailPasswordLink(to: "eve@example.com")
            try await desk.desk.resetPassword(
                with: try await desk.mailedToken("reset_password", to: "eve@example.com"), to: "another password")
            await #expect(throws: DeskError.self) { try await desk.signIn("eve", "another password") }
            desk.clock.advance(seconds: 30)
            let next = app.code(at: desk.step)
            let person = try await desk.desk.signIn("eve", password: "another password", code: next, from: .test).person
            #expect(person.firstName == "Eve" && person.username == "eve")
        }
    }

    @Test("a link opens what it was mailed for and nothing else", arguments: TestEngine.all)
    func purpose(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            let token = try await desk.mailedToken("verify_email", to: "eve@example.com")
            await #expect(throws: Self.dead) { try await desk.desk.resetPassword(with: token, to: "another password") }
            try await desk.desk.verifyAddress(with: token)
        }
    }

    @Test("a link to an address that was changed since is dead", arguments: TestEngine.all)
    func changedAddress(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            let token = try await desk.mailedToken("verify_email", to: "eve@example.com")
            try await desk.database.write { db in
                try await db.run("UPDATE people SET email = 'new@example.com', email_key = 'new@example.com' WHERE username_key = 'eve'")
            }
            await #expect(throws: Self.dead) { try await desk.desk.verifyAddress(with: token) }
        }
    }

    @Test("a reset sets the password, ends all sign-ins and verifies the address", arguments: TestEngine.all)
    func resets(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let before = try await desk.register("eve@example.com")
            for _ in 0..<2 { try await desk.desk.mailPasswordLink(to: "EVE@example.com") }
            let tokens = try await desk.mailedTokens("reset_password", to: "eve@example.com")
            #expect(tokens.count == 2)
            await #expect(throws: DeskError.self) { try await desk.desk.resetPassword(with: tokens[1], to: "short") }
            try await desk.desk.resetPassword(with: tokens[1], to: "another password")
            #expect(await !desk.isGood(before))
            await #expect(throws: DeskError.self) { try await desk.signIn("eve") }
            #expect(try await desk.signIn("eve", "another password").person.isVerified)
            // The other link was asked for before: it is of no more use.
            await #expect(throws: Self.dead) { try await desk.desk.resetPassword(with: tokens[0], to: "a third password") }
            await #expect(throws: Self.dead) { try await desk.desk.resetPassword(with: tokens[1], to: "a third password") }
        }
    }

    @Test("of many who use one link at once, one does", arguments: TestEngine.all)
    func atTheSameTime(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("eve@example.com")
            try await desk.desk.mailPasswordLink(to: "eve@example.com")
            let token = try await desk.mailedToken("reset_password", to: "eve@example.com")
            let done = Locked(0)
            try await atOnce(6) { number in
                do {
                    try await desk.desk.resetPassword(with: token, to: "another password \(number)")
                    done.withLock { $0 += 1 }
                } catch let error as DeskError { #expect(error == Self.dead) }
            }
            #expect(done.withLock { $0 } == 1)
        }
    }

    @Test("nobody is mailed who is unknown, dismissed or vouched for by somebody else", arguments: TestEngine.all)
    func unknown(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.register("gone@example.com")
            try await desk.database.write { db in try await db.run("UPDATE people SET is_active = FALSE WHERE username_key = 'gone'") }
            _ = try await desk.contact("guest@example.com", .delegated)
            for email in ["nobody@example.com", "gone@example.com", "guest@example.com"] {
                try await desk.desk.mailPasswordLink(to: email)
                #expect(try await desk.mailedTokens("reset_password", to: email).isEmpty)
            }
        }
    }

    @Test("a contact claims an account by a mailed link, and keeps their tickets", arguments: TestEngine.all)
    func claims(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let contact = try await desk.contact("eve@example.com")
            let ticket = try await desk.ticket(by: contact)
            try await desk.desk.mailPasswordLink(to: "eve@example.com")
            try await desk.desk.resetPassword(
                with: try await desk.mailedToken("reset_password", to: "eve@example.com"), to: TestDesk.password)
            let person = try await desk.signIn("eve@example.com").person
            #expect(person.id == contact.id && person.origin == .account && person.isVerified && person.username == "eve")
            let found = try await desk.read { look in try await look.ticket(.number(ticket.number), as: contact) }
            #expect(found.requester.id == person.id)
        }
    }

    @Test("a contact's link opens the account that was registered meanwhile", arguments: TestEngine.all)
    func claimsLate(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let contact = try await desk.contact("eve@example.com")
            let ticket = try await desk.ticket(by: contact)
            try await desk.desk.mailPasswordLink(to: "eve@example.com")
            let token = try await desk.mailedToken("reset_password", to: "eve@example.com")
            // Somebody who cannot read the mail of that address.
            let stranger = try await desk.register("eve@example.com", password: "of a stranger")
            try await desk.desk.resetPassword(with: token, to: TestDesk.password)
            #expect(await !desk.isGood(stranger))
            await #expect(throws: DeskError.self) { try await desk.signIn("eve", "of a stranger") }
            let person = try await desk.signIn("eve").person
            let moved = try await desk.read { look in try await look.ticket(.number(ticket.number), as: desk.admin) }
            #expect(moved.requester.id == person.id)
        }
    }
}
