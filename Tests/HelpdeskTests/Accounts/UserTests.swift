import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Managing people") struct UserTests {
    @Test("an admin adds somebody, who gets a mail", arguments: TestEngine.all)
    func added(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let person = try await desk.add("dora@example.com", as: desk.admin) { ($0.role, $0.supportRole) = (.agent, .technical) }
            #expect((person.role, person.supportRole, person.username, person.name) == (.agent, .technical, "dora", "dora"))
            #expect(!person.isVerified && person.isActive && person.isAvailable)
            #expect(try await desk.count("SELECT count(*) FROM outbox WHERE kind = 'reset_password' AND address = 'dora@example.com'") == 1)
            #expect(try await desk.log().last?.type == "user.created")
        }
    }

    @Test("nobody else adds, changes or deletes anybody", arguments: TestEngine.all)
    func forbidden(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for caller in [desk.customer, desk.agent] {
                await #expect(throws: DeskError.forbidden("Only an admin adds people")) { try await desk.add("x@example.com", as: caller) }
                await #expect(throws: DeskError.forbidden("Only an admin changes people")) {
                    try await desk.change(desk.customer.id, as: caller) { $0.role = .admin }
                }
                await #expect(throws: DeskError.forbidden("Only an admin deletes people")) {
                    try await desk.delete(desk.otherAgent.id, as: caller)
                }
            }
            await #expect(throws: DeskError.notFound("User not found")) {
                try await desk.read { look in try await look.user(desk.agent.id, as: desk.customer) }
            }
        }
    }

    @Test("what is wrong with a new person is told all at once", arguments: TestEngine.all)
    func invalid(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            do {
                _ = try await desk.add("no address", as: desk.admin) { ($0.username, $0.role) = ("a@b", .guest) }
                Issue.record("somebody without an address was added")
            } catch DeskError.invalid(let faults) {
                #expect(faults.map(\.location) == ["email", "username", "role"])
            }
        }
    }

    @Test("a change is one event and one revision, and none when nothing changes", arguments: TestEngine.all)
    func changed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let person = try await desk.change(desk.customer.id) {
                ($0.firstName, $0.lastName, $0.supportRole) = (.to("Alicia"), .null, .manager)
            }
            #expect((person.name, person.firstName, person.lastName, person.revision) == ("Alicia", "Alicia", "", 2))
            let last = try #require(try await desk.log().last)
            #expect(last.type == "user.updated" && last.changes.contains(#""support_role":{"from":"general","to":"manager"}"#))
            let count = try await desk.log().count
            let same = try await desk.change(desk.customer.id) { $0.firstName = .to("Alicia") }
            #expect(same == person)
            #expect(try await desk.log().count == count)
            await #expect(throws: DeskError.stale) { try await desk.change(desk.customer.id, expecting: 1) { $0.role = .agent } }
        }
    }

    @Test("an address or username that is somebody else's is refused, in any case; one's own is not", arguments: TestEngine.all)
    func taken(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let id = desk.customer.id
            #expect(
                try await desk.conflict { _ = try await desk.change(id) { $0.email = "BOB@example.com" } } == "Email already registered")
            #expect(try await desk.conflict { _ = try await desk.change(id) { $0.username = .to("BOB") } } == "Username already taken")
            #expect(try await desk.conflict { _ = try await desk.add("bob@EXAMPLE.com", as: desk.admin) } == "Email already registered")
            #expect(
                try await desk.conflict { _ = try await desk.add("n@example.com", as: desk.admin) { $0.username = "Bob" } }
                    == "Username already taken")
            let person = try await desk.change(id) { ($0.email, $0.username) = ("Alice@example.com", .to("ALICE")) }
            #expect(person.isVerified && person.username == "ALICE")
            let moved = try await desk.change(id) { ($0.email, $0.username) = ("alice@example.org", .null) }
            #expect(!moved.isVerified && moved.username == nil)
        }
    }

    @Test("of many who want one username at once, one gets it", arguments: TestEngine.all)
    func race(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (wins, losses) = (Wins(), Wins())
            let people = [desk.customer, desk.otherCustomer, desk.agent, desk.otherAgent].map(\.id)
            try await atOnce(8) { number in
                do {
                    if number < 4 {
                        _ = try await desk.change(people[number]) { $0.username = .to("Wanted") }
                    } else {
                        _ = try await desk.add("wanted\(number)@example.com", as: desk.admin) { $0.username = "wanted" }
                    }
                    wins.add()
                } catch DeskError.conflict {
                    losses.add()
                }
            }
            #expect((wins.count, losses.count) == (1, 7))
        }
    }

    @Test("a role counts at once, and whoever is deactivated is out", arguments: TestEngine.all)
    func standing(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let agent = try await desk.signedIn(desk.agent)
            let token = try await desk.signIn(agent).accessToken
            #expect(try await desk.caller(with: token).role == .agent)
            _ = try await desk.change(agent.id) { $0.role = .customer }
            #expect(try await desk.caller(with: token).role == .customer)
            _ = try await desk.change(agent.id) { $0.isActive = false }
            #expect(try await desk.isRefused(token))
            await #expect(throws: DeskError.self) { try await desk.signIn(agent) }
            // Active again, old sign-ins stay dead.
            _ = try await desk.change(agent.id) { $0.isActive = true }
            #expect(try await desk.isRefused(token))
            _ = try await desk.signIn(agent)
        }
    }

    @Test("there is always an admin, and nobody takes their own standing", arguments: TestEngine.all)
    func lastAdmin(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let own = "You cannot take your own admin's standing: ask another admin"
            let id = desk.admin.id
            #expect(try await desk.conflict { _ = try await desk.change(id) { $0.role = .agent } } == own)
            #expect(try await desk.conflict { _ = try await desk.change(id) { $0.isActive = false } } == own)
            #expect(try await desk.conflict { try await desk.delete(id) } == own)
            let other = try await desk.desk.testPerson("Dora", .admin)
            #expect(try await desk.conflict { try await desk.delete(id) } == own)
            try await desk.delete(id, as: other)
            let gone = "This is the last admin: make another one first"
            #expect(try await desk.conflict { _ = try await desk.change(other.id) { $0.role = .customer } } == gone)
            #expect(try await desk.conflict { _ = try await desk.change(other.id) { $0.isActive = false } } == gone)
            #expect(try await desk.conflict { try await desk.delete(other.id) } == gone)
        }
    }

    @Test("two admins who dismiss each other at once do not both succeed", arguments: TestEngine.all)
    func duel(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let other = try await desk.desk.testPerson("Dora", .admin)
            let wins = Wins()
            try await atOnce(2) { number in
                let (caller, target) = number == 0 ? (desk.admin, other) : (other, desk.admin)
                do {
                    _ = try await desk.change(target.id, as: caller) { $0.role = .agent }
                    wins.add()
                } catch DeskError.conflict {}
            }
            #expect(wins.count == 1)
            #expect(try await desk.count("SELECT count(*) FROM people WHERE role = 'admin' AND is_active = TRUE") == 1)
        }
    }

    @Test("admins are assigned tickets automatically only when they ask for it", arguments: TestEngine.all)
    func availability(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let promoted = try await desk.change(desk.agent.id) { $0.role = .admin }
            #expect(!promoted.isAvailable)
            let back = try await desk.change(desk.agent.id) { $0.role = .agent }
            #expect(back.isAvailable)
        }
    }
}

@Suite("Deleting somebody") struct DeleteUserTests {
    @Test("takes away who they were, and keeps their tickets", arguments: TestEngine.all)
    func deleted(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let customer = try await desk.signedIn(desk.customer)
            let token = try await desk.signIn(customer).accessToken
            let ticket = try await desk.ticket("Printer on fire", by: customer)
            _ = try await desk.ticket("Another", by: desk.otherCustomer)
            try await desk.delete(customer.id)

            #expect(try await desk.isRefused(token))
            await #expect(throws: DeskError.notFound("User not found")) { try await desk.person(customer.id) }
            let kept = try await desk.read { look in try await look.ticket(.id(ticket.id), as: desk.admin) }
            #expect(kept.title == "Printer on fire" && kept.requester.id == customer.id)
            #expect(kept.requester.name == "Deleted user" && kept.requester.email == nil)
            #expect(try await desk.count("SELECT count(*) FROM sessions") == 0)
            #expect(try await desk.conflict { try await desk.delete(desk.admin.id) } != nil)
            await #expect(throws: DeskError.notFound("User not found")) { try await desk.delete(customer.id) }
        }
    }

    @Test("leaves neither name nor address in the log", arguments: TestEngine.all)
    func log(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.ticket(by: desk.customer)
            _ = try await desk.change(desk.customer.id) { $0.supportRole = .manager }
            try await desk.delete(desk.customer.id)
            let log = try await desk.log()
            #expect(log.last?.type == "user.deleted")
            #expect(!log.contains { ($0.data + $0.changes).lowercased().contains("alice") })
            let told = try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.admin).items
            let requesters = told.compactMap { if case .ticket(let ticket) = $0.subject { ticket.requester.name } else { nil } }
            #expect(requesters.first == "Deleted user" && told.first { $0.type == .ticketCreated }?.actor?.name == "Deleted user")
            // Nobody else's went with it.
            let people = told.compactMap { if case .person(let person) = $0.subject { person.email } else { nil } }
            #expect(people.contains("aaron@example.com"))
        }
    }

    @Test("frees their address and username", arguments: TestEngine.all)
    func freed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.delete(desk.agent.id)
            let person = try await desk.add("bob@example.com", as: desk.admin)
            #expect(person.username == "bob" && person.id != desk.agent.id)
        }
    }

    @Test("ends their keys, links and codes", arguments: TestEngine.all)
    func credentials(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (agent, _, _) = try await desk.withSecondFactor(desk.agent)
            let key = try await desk.key(["read"], of: agent)
            _ = try await desk.caller(with: key)
            try await desk.delete(agent.id)
            #expect(try await desk.isRefused(key))
            for table in ["api_keys", "recovery_codes", "sessions", "refresh_tokens"] as [SQLTable] {
                #expect(try await desk.count("SELECT count(*) FROM \(table.sql)") == 0)
            }
            #expect(try await desk.count("SELECT count(*) FROM people WHERE totp_secret IS NOT NULL OR password_hash IS NOT NULL") == 0)
        }
    }
}

/// A table's name, which is no parameter.
private struct SQLTable: ExpressibleByStringLiteral {
    let sql: SQL
    init(stringLiteral name: StaticString) { sql = SQL(stringLiteral: name) }
}

extension TestDesk {
    @discardableResult
    func add(_ email: String, as caller: Caller, _ set: (inout PersonDraft) -> Void = { _ in }) async throws -> Person {
        var draft = PersonDraft()
        draft.email = email
        set(&draft)
        let ready = draft
        return try await write { work in try await work.addUser(ready, passwordHash: nil, as: caller) }
    }
}
