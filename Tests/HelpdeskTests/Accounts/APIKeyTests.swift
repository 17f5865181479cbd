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
        try await withDesk(on: engine) { desk in
            func isForbidden(_ scopes: [String], _ caller: Caller) async throws -> Bool {
                do {
                    _ = try await desk.key(scopes, of: caller)
                    return false
                } catch DeskError.forbidden {
                    return true
                }
            }
            #expect(try await isForbidden(["read"], desk.customer))
            #expect(try await isForbidden(["read", "admin"], desk.agent))
            #expect(try await isForbidden(["read", "write", "admin"], desk.admin) == false)
            let writing = try await desk.caller(with: try await desk.key(["write"], of: desk.admin))
            #expect(try await isForbidden(["admin"], writing))
            #expect(try await isForbidden(["read"], writing))
            #expect(try await isForbidden(["write"], writing) == false)
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
            _ = try await desk.change(boss.id) { $0.role = .agent }
            #expect(try await desk.isRefused(key) == false)
            _ = try await desk.change(boss.id) { $0.isActive = false }
            #expect(try await desk.isRefused(key))
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
                try await desk.write { work in try await work.deleteAPIKey(id, as: desk.admin) }
            }
            try await desk.write { work in try await work.deleteAPIKey(id, as: desk.agent) }
            let isRecent = Array(key.utf8).withUnsafeBytes { desk.desk.recentCaller(with: $0) } != nil
            #expect(!isRecent)
            #expect(try await desk.isRefused(key))
            await #expect(throws: DeskError.notFound("API key not found")) {
                try await desk.write { work in try await work.deleteAPIKey(id, as: desk.agent) }
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
        let ready = draft
        return try await write { work in try await work.makeAPIKey(ready, as: caller).text }
    }

    func keys(of caller: Caller) async throws -> [APIKey] {
        try await read { look in try await look.apiKeys(SliceRequest(), of: caller).items }
    }
}
