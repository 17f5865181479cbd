import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Tickets from before the account") struct JoinTests {
    private static func verify(_ email: String, at desk: TestDesk) async throws {
        try await desk.desk.verifyAddress(with: try await desk.mailedToken("verify_email", to: email), password: TestDesk.password)
    }

    @Test("the link alone hands nothing to an account that a stranger may have registered", arguments: TestEngine.all)
    func stranger(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let contact = try await desk.contact("eve@example.com")
            let ticket = try await desk.ticket(by: contact)
            let stranger = try await desk.caller(with: try await desk.register("eve@example.com", password: "of a stranger").accessToken)
            try await desk.desk.verifyAddress(with: try await desk.mailedToken("verify_email", to: "eve@example.com"))
            #expect(try await desk.signIn("eve", "of a stranger").person.isVerified)
            await #expect(throws: DeskError.self) { try await desk.find(ticket, as: stranger) }
            // Nor what comes from the address later.
            var draft = TicketDraft()
            (draft.title, draft.description, draft.requester) = ("By mail", "It burns.", .contact(email: "eve@example.com", name: nil))
            let later = draft
            #expect(try await desk.write { work in try await work.open(later, as: desk.agent) }.requester.id == contact.id)
            // Who has the address gets it, with what came from it, and the stranger is out.
            try await desk.desk.mailPasswordLink(to: "eve@example.com")
            try await desk.desk.resetPassword(
                with: try await desk.mailedToken("reset_password", to: "eve@example.com"), to: TestDesk.password)
            await #expect(throws: DeskError.self) { try await desk.signIn("eve", "of a stranger") }
            let owner = try await desk.caller(with: try await desk.signIn("eve").accessToken)
            #expect(try await desk.find(ticket, as: owner).requester.id == owner.id)
        }
    }

    @Test("being signed in shows as much as the password", arguments: TestEngine.all)
    func signedIn(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket(by: try await desk.contact("eve@example.com"))
            let eve = try await desk.caller(with: try await desk.register("eve@example.com").accessToken)
            let token = try await desk.mailedToken("verify_email", to: "eve@example.com")
            try await desk.desk.verifyAddress(with: token, as: eve)
            #expect(try await desk.find(ticket, as: eve).requester.id == eve.id)
            // Somebody else's sign-in shows nothing.
            let other = try await desk.ticket(by: try await desk.contact("zoe@example.com"))
            let zoe = try await desk.caller(with: try await desk.register("zoe@example.com").accessToken)
            try await desk.desk.verifyAddress(with: try await desk.mailedToken("verify_email", to: "zoe@example.com"), as: eve)
            await #expect(throws: DeskError.self) { try await desk.find(other, as: zoe) }
        }
    }

    @Test("they are the account's once its address is verified, and not before", arguments: TestEngine.all)
    func joins(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let contact = try await desk.contact("eve@example.com")
            let guest = try await desk.contact("Eve@Example.com", .delegated)
            let tickets = [try await desk.ticket(by: contact), try await desk.ticket(by: guest), try await desk.ticket(by: contact)]
            let other = try await desk.ticket()
            let signIn = try await desk.register("eve@example.com")
            let caller = try await desk.desk.caller(with: Array(signIn.accessToken.utf8))
            for ticket in tickets {
                await #expect(throws: DeskError.self) {
                    try await desk.read { look in try await look.ticket(.id(ticket.id), as: caller) }
                }
            }
            try await Self.verify("eve@example.com", at: desk)
            for ticket in tickets {
                let moved = try await desk.read { look in try await look.ticket(.id(ticket.id), as: caller) }
                #expect(moved.requester.id == caller.id && moved.tally.revision == 2 && moved.status == ticket.status)
            }
            #expect(try await desk.events(.ticketUpdated) == 3)
            #expect(Set(try await desk.numbers("burns", as: caller)) == Set(tickets.map(\.number)))
            #expect(try await desk.numbers("burns", as: contact).isEmpty)
            let untouched = try await desk.read { look in try await look.ticket(.id(other.id), as: desk.customer) }
            #expect(untouched == other)
        }
    }

    @Test("what staff open for an account by its id is not a stranger's either", arguments: TestEngine.all)
    func openedByID(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let stranger = try await desk.caller(with: try await desk.register("boss@example.com").accessToken)
            let ticket = try await desk.open(for: .id(stranger.id), as: desk.agent)
            #expect(ticket.requester.id != stranger.id && ticket.requester.email == "boss@example.com")
            await #expect(throws: DeskError.self) { try await desk.find(ticket, as: stranger) }
            // By the address it is the same person.
            let other = try await desk.open(for: .contact(email: "BOSS@example.com", name: "Boss"), as: desk.agent)
            #expect(other.requester.id == ticket.requester.id)
            // The link without the password changes nothing, and with it both are the account's.
            let token = try await desk.mailedToken("verify_email", to: "boss@example.com")
            try await desk.desk.verifyAddress(with: token)
            #expect(try await desk.open(for: .id(stranger.id), as: desk.agent).requester.id == ticket.requester.id)
            try await desk.desk.mailPasswordLink(to: "boss@example.com")
            try await desk.desk.resetPassword(
                with: try await desk.mailedToken("reset_password", to: "boss@example.com"), to: "the owner's own")
            #expect(try await desk.find(ticket, as: stranger).requester.id == stranger.id)
            #expect(try await desk.open(for: .id(stranger.id), as: desk.agent).requester.id == stranger.id)
        }
    }

    @Test("an account that an admin made is its address's, and gets what came before once its owner proves it", arguments: TestEngine.all)
    func madeByAdmin(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let before = try await desk.open(for: .contact(email: "dora@example.com", name: nil), as: desk.agent)
            let dora = try await desk.add("dora@example.com", as: desk.admin)
            let caller = Caller(id: dora.id, label: "", name: "dora", email: dora.email, role: .customer)
            for wanted in [TicketDraft.Requester.contact(email: "Dora@example.com", name: "D"), .id(dora.id)] {
                let ticket = try await desk.open(for: wanted, as: desk.agent)
                #expect(ticket.requester.id == dora.id)
                #expect(try await desk.find(ticket, as: caller).id == ticket.id)
            }
            await #expect(throws: DeskError.self) { try await desk.find(before, as: caller) }
            #expect(try await desk.count("SELECT count(*) FROM people WHERE email_key = 'dora@example.com' AND deleted_at IS NULL") == 2)
            try await desk.desk.resetPassword(
                with: try await desk.mailedToken("reset_password", to: "dora@example.com"), to: TestDesk.password)
            #expect(try await desk.find(before, as: caller).requester.id == dora.id)
            #expect(try await desk.count("SELECT count(*) FROM people WHERE email_key = 'dora@example.com' AND deleted_at IS NULL") == 1)
        }
    }

    @Test("of the contact nothing is left", arguments: TestEngine.all)
    func erases(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let contact = try await desk.contact("eve@example.com")
            _ = try await desk.ticket(by: contact)
            try await desk.register("eve@example.com")
            try await Self.verify("eve@example.com", at: desk)
            #expect(try await desk.kept("name", of: contact.id) == "")
            #expect(try await desk.kept("email", of: contact.id) == nil)
            #expect(try await desk.kept("email_key", of: contact.id) == nil)
            #expect(try await desk.kept("deleted_at", of: contact.id) == String(desk.clock.now.milliseconds))
            #expect(try await desk.events(.userDeleted) == 1)
        }
    }

    @Test("there may be many, and what a crash left is taken up at the next sign-in", arguments: TestEngine.all)
    func many(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let contact = try await desk.contact("eve@example.com")
            for _ in 0..<120 { _ = try await desk.ticket(by: contact) }
            try await desk.register("eve@example.com")
            // As it is when the server stopped right after the address was verified.
            try await desk.database.write { db in
                try await db.run("UPDATE people SET is_verified = TRUE, needs_proof = FALSE WHERE username_key = 'eve'")
            }
            let people = [try await desk.signIn("eve").person.id.bits]
            let count = try await desk.database.read { db in
                try await db.first("SELECT count(*) FROM tickets WHERE requester_id = \(people[0])") { $0.int() }
            }
            #expect(count == 120)
            #expect(try await desk.events(.ticketUpdated) == 120)
        }
    }
}

extension TestDesk {
    /// What staff open for somebody.
    fileprivate func open(for requester: TicketDraft.Requester, as caller: Caller) async throws -> Ticket {
        var draft = TicketDraft()
        (draft.title, draft.description, draft.requester) = ("For you", "It burns.", requester)
        let ready = draft
        return try await write { work in try await work.open(ready, as: caller) }
    }
}
