import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("API keys") struct APIKeyTests {
    @Test("a key is its owner, for what it is for", arguments: TestEngine.all)
    func used(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.key(["write", "read"], of: desk.agent)
            #expect(key.hasPrefix("mrt_") && key.utf8.count == 47)
            let caller = try await desk.caller(with: key)
            #expect(caller.id == desk.agent.id && caller.role == .agent && caller.session == nil)
            #expect(caller.scopes == [.read, .write])
            let digests = try await desk.database.read { db in try await db.all("SELECT digest FROM api_keys") { $0.bytes() } }
            #expect(digests == [SHA256.digest(Array(key.utf8))])
        }
    }

    @Test("a key that is none is refused", arguments: TestEngine.all)
    func wrong(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.key(["read"], of: desk.agent)
            #expect(try await desk.isRefused(String(key.dropLast())))
            #expect(try await desk.isRefused("mrt_"))
            #expect(try await desk.isRefused(key.uppercased()))
        }
    }

    @Test("nobody makes a key that may do more than they", arguments: TestEngine.all)
    func scopes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk async throws in
            func isRefused(_ scopes: [String], _ caller: Caller) async throws -> Bool {
                try await isForbidden { _ = try await desk.key(scopes, of: caller) }
            }
            #expect(try await isRefused(["read"], desk.customer))
            #expect(try await isRefused(["read", "admin"], desk.agent))
            #expect(try await isRefused(["read", "write", "admin"], desk.admin) == false)
        }
    }

    @Test("neither a key nor who was vouched for makes keys, changes a password or ends sign-ins", arguments: TestEngine.all)
    func needsSignIn(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let signedIn = try await desk.signedIn(desk.admin)
            let session = try #require(signedIn.session)
            let key = try await desk.caller(with: try await desk.key(["read", "write", "admin"], of: desk.admin))
            for caller in [key, try await desk.vouchedFor(.admin)] {
                var draft = APIKeyDraft()
                (draft.name, draft.scopes) = ("child", [.write])
                let ready = draft
                #expect(try await isForbidden { try await desk.write { _ = try await $0.makeAPIKey(ready, as: caller) } })
                #expect(
                    try await isForbidden {
                        _ = try await desk.desk.prepare(password: "another one", current: TestDesk.password, of: caller)
                    })
                #expect(try await isForbidden { try await desk.write { try await $0.endOtherSessions(of: caller) } })
                #expect(try await isForbidden { try await desk.write { try await $0.endSession(session, of: caller) } })
            }
            #expect(try await desk.keys(of: desk.admin).count == 1)
            #expect(try await desk.read { look in try await look.sessions(of: signedIn) }.count == 1)
        }
    }

    @Test("a key deletes itself and no other", arguments: TestEngine.all)
    func deletesItself(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (first, second) = (try await desk.key(["write"], of: desk.agent), try await desk.key(["write"], of: desk.agent))
            let caller = try await desk.caller(with: first)
            let (own, other) = (try #require(caller.apiKey), try #require(try await desk.caller(with: second).apiKey))
            #expect(try await isForbidden { try await desk.write { try await $0.deleteAPIKey(other, as: caller) } })
            try await desk.write { work in try await work.deleteAPIKey(own, as: caller) }
            #expect(try await desk.isRefused(first))
            #expect(try await desk.isRefused(second) == false)
        }
    }

    @Test("a key does not change what its owner signs in with", arguments: TestEngine.all)
    func ownAddress(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.caller(with: try await desk.key(["read", "write", "admin"], of: desk.admin))
            #expect(try await isForbidden { _ = try await desk.change(desk.admin.id, as: key) { $0.email = "mallory@example.com" } })
            #expect(try await isForbidden { _ = try await desk.change(desk.admin.id, as: key) { $0.username = .to("mallory") } })
            #expect(try await desk.change(desk.agent.id, as: key) { $0.email = "bobby@example.com" }.email == "bobby@example.com")
            #expect(try await desk.person(desk.admin.id).email == desk.admin.email)
        }
    }

    @Test("who is vouched for has no key, whoever made one for them", arguments: TestEngine.all)
    func vouchedFor(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.key(["read", "write", "admin"], of: try await desk.vouchedFor(.admin))
            #expect(try await desk.isRefused(key))
        }
    }

    @Test("an admin's key that is not for that is an agent's, who sees all", arguments: TestEngine.all)
    func adminsKey(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.agentScope = .assigned
        try await withDesk(on: engine, rules) { desk in
            let plain = try await desk.caller(with: try await desk.key(["read", "write"], of: desk.admin))
            #expect(plain.role == .agent && !plain.seesAssignedOnly && !plain.mayManagePeople)
            let whole = try await desk.caller(with: try await desk.key(["read", "write", "admin"], of: desk.admin))
            #expect(whole.role == .admin && whole.mayManagePeople)
        }
    }

    @Test("what a key may do follows its owner's role, at once", arguments: TestEngine.all)
    func demoted(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let boss = try await desk.desk.testPerson("Dora", .admin)
            let key = try await desk.key(["read", "admin"], of: boss)
            #expect(try await desk.caller(with: key).isAdmin)
            _ = try await desk.change(boss.id) { $0.role = .agent }
            let demoted = try await desk.caller(with: key)
            #expect(demoted.role == .agent && demoted.scopes == [.read])
            _ = try await desk.change(boss.id) { $0.role = .customer }
            #expect(try await desk.isRefused(key))
        }
    }

    @Test("a key ends with what it stands on, and does not come back with it", arguments: TestEngine.all)
    func ends(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let boss = try await desk.desk.testPerson("Dora", .admin)
            let (key, narrow) = (try await desk.key(["read", "admin"], of: boss), try await desk.key(["admin"], of: boss))
            // An admin no more: what only admins do is gone from it for good, and a key for nothing else is gone.
            _ = try await desk.change(boss.id) { $0.role = .agent }
            _ = try await desk.change(boss.id) { $0.role = .admin }
            #expect(try await desk.caller(with: key).scopes == [.read])
            #expect(try await desk.isRefused(narrow))
            // Staff no more, or dismissed.
            for lessen in [{ $0.role = .customer }, { $0.isActive = false }] as [(inout UserChange) -> Void] {
                let key = try await desk.key(["read"], of: boss)
                _ = try await desk.change(boss.id, lessen)
                #expect(try await desk.isRefused(key))
                _ = try await desk.change(boss.id) { ($0.role, $0.isActive) = (.admin, true) }
                #expect(try await desk.isRefused(key))
            }
            #expect(try await desk.keys(of: boss).isEmpty)
        }
    }

    @Test("a change of password asks whether keys end, and a reset ends them", arguments: TestEngine.all)
    func passwords(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let agent = try await desk.signedIn(desk.agent)
            let first = try await desk.key(["read"], of: agent)
            for (ends, password, next) in [(false, TestDesk.password, "the second one"), (true, "the second one", TestDesk.password)] {
                let ready = try await desk.desk.prepare(password: next, current: password, of: agent)
                try await desk.write { work in try await work.changePassword(ready, endingAPIKeys: ends, of: agent) }
                #expect(try await desk.isRefused(first) == ends)
            }
            let email = try #require(agent.email)
            let second = try await desk.key(["read"], of: agent)
            try await desk.desk.mailPasswordLink(to: email)
            try await desk.desk.resetPassword(with: try await desk.mailedToken("reset_password", to: email), to: "the third one")
            #expect(try await desk.isRefused(second))
            let third = try await desk.key(["read"], of: agent)
            try await desk.desk.setPassword(of: email, to: "the fourth one")
            #expect(try await desk.isRefused(third))
        }
    }

    @Test("a key ends at its time, to the moment", arguments: TestEngine.all)
    func expired(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.key(["read"], of: desk.agent, until: desk.clock.now.adding(seconds: 60))
            desk.clock.advance(seconds: 59)
            _ = try await desk.caller(with: key)
            desk.clock.advance(seconds: 1)
            let isRecent = Array(key.utf8).withUnsafeBytes { desk.desk.recentCaller(with: $0) } != nil
            #expect(!isRecent)
            #expect(try await desk.isRefused(key))
            await #expect(throws: DeskError.self) { try await desk.key(["read"], of: desk.agent, until: desk.clock.now) }
        }
    }

    @Test("a deleted key is dead at once; only its owner deletes it", arguments: TestEngine.all)
    func deleted(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.key(["read"], of: desk.agent)
            _ = try await desk.caller(with: key)
            let id = try #require(try await desk.keys(of: desk.agent).first).id
            await #expect(throws: DeskError.notFound("API key not found")) {
                try await desk.write { work in try await work.deleteAPIKey(id, as: desk.admin.withSession) }
            }
            try await desk.write { work in try await work.deleteAPIKey(id, as: desk.agent.withSession) }
            let isRecent = Array(key.utf8).withUnsafeBytes { desk.desk.recentCaller(with: $0) } != nil
            #expect(!isRecent)
            #expect(try await desk.isRefused(key))
            await #expect(throws: DeskError.notFound("API key not found")) {
                try await desk.write { work in try await work.deleteAPIKey(id, as: desk.agent.withSession) }
            }
        }
    }

    @Test("its last use is written later, and once a minute at most", arguments: TestEngine.all)
    func lastUse(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.key(["read"], of: desk.agent)
            func lastUse() async throws -> Moment? {
                try await desk.desk.writeKeyUses()
                return try await desk.keys(of: desk.agent).first?.lastUsedAt
            }
            #expect(try await lastUse() == nil)
            _ = try await desk.caller(with: key)
            #expect(try await desk.keys(of: desk.agent).first?.lastUsedAt == nil)
            let first = desk.clock.now
            #expect(try await lastUse() == first)
            desk.clock.advance(seconds: 59)
            _ = try await desk.caller(with: key)
            #expect(try await lastUse() == first)
            desk.clock.advance(seconds: 2)
            _ = try await desk.caller(with: key)
            #expect(try await lastUse() == desk.clock.now)
        }
    }

    @Test("everybody lists their own, newest first, a page at a time", arguments: TestEngine.all)
    func listed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.key(["read"], of: desk.admin)
            for number in 1...3 {
                desk.clock.advance(seconds: 1)
                _ = try await desk.key(["read"], of: desk.agent, named: "key \(number)")
            }
            #expect(try await desk.keys(of: desk.agent).map(\.name) == ["key 3", "key 2", "key 1"])
            var slice = SliceRequest()
            slice.limit = 2
            let first = slice
            let page = try await desk.read { look in try await look.apiKeys(first, of: desk.agent) }
            #expect(page.items.map(\.name) == ["key 3", "key 2"])
            slice.after = page.next
            let second = slice
            let rest = try await desk.read { look in try await look.apiKeys(second, of: desk.agent) }
            #expect(rest.items.map(\.name) == ["key 1"] && rest.next == nil)
        }
    }
}

extension TestDesk {
    /// A new key, as its owner sees it once.
    func key(_ scopes: [String], of caller: Caller, until end: Moment? = nil, named name: String = "a key") async throws -> String {
        var draft = APIKeyDraft()
        (draft.name, draft.scopes, draft.expiresAt) = (name, scopes.compactMap { Scope(rawValue: $0) }, end)
        let (ready, maker) = (draft, caller.withSession)
        return try await write { work in try await work.makeAPIKey(ready, as: maker).text }
    }

    func keys(of caller: Caller) async throws -> [APIKey] {
        try await read { look in try await look.apiKeys(SliceRequest(), of: caller).items }
    }
}
