import Codec
import Domain
import Helpdesk
import Loop
import Storage
import TestEngines
import Testing

@Suite("Tokens of outside issuers") struct DelegatedTokenTests {
    private static let secret = "what the backend and we share"
    private static let alice = #""id":"42","username":"Alice Liddell","email":"alice@example.com""#

    private static func issuer(_ set: (inout DelegatedTokens) -> Void = { _ in }) throws -> DelegatedTokens {
        let keys = TokenKeys([try TokenKey(secret: Array(secret.utf8))])
        var tokens = DelegatedTokens { keys }
        set(&tokens)
        return tokens
    }

    /// A token with these claims.
    private static func token(_ claims: String, _ secret: String = secret) -> String {
        Token.sign(claims: Array("{\(claims)}".utf8), with: try! TokenKey(secret: Array(secret.utf8)))
    }

    private static func withIssuer(
        on engine: TestEngine, _ set: (inout DelegatedTokens) -> Void = { _ in },
        _ body: @escaping @Sendable (TestDesk) async throws -> Void
    ) async throws {
        try await withDesk(on: engine, delegated: try issuer(set), body)
    }

    @Test("somebody is made on first sight, and is nobody who has an account", arguments: TestEngine.all)
    func firstSight(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let token = Self.token(#"\#(Self.alice),"role":"CUSTOMER""#)
            let caller = try await desk.caller(with: token)
            #expect(caller.name == "Alice Liddell" && caller.role == .customer && caller.email == "alice@example.com")
            #expect(caller.id != desk.customer.id && caller.session == nil && caller.scopes == nil)
            let person = try await desk.person(caller.id)
            #expect((person.firstName, person.lastName, person.username, person.isVerified) == ("Alice", "Liddell", nil, false))
            #expect(person.origin == .delegated)
            desk.clock.advance(seconds: 5)
            #expect(try await desk.caller(with: token).id == caller.id)
            #expect(try await desk.log().suffix(2).map(\.type) == ["user.created", "user.created"])
        }
    }

    @Test("people are known by what their issuer calls them, and others are not", arguments: TestEngine.all)
    func issuersIDs(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            var expected: [Person.ID: String] = [:]
            for name in ["a", "b", "c"] {
                let token = Self.token(#""id":"\#(name)","username":"\#(name)","email":"\#(name)@example.com","role":"CUSTOMER""#)
                expected[try await desk.caller(with: token).id] = name
            }
            let people = Array(expected.keys) + [desk.customer.id, desk.agent.id] + Array(expected.keys)
            let known = expected
            #expect(try await desk.read { look in try await look.issuersIDs(of: people) } == known)
            #expect(try await desk.read { look in try await look.issuersIDs(of: []) } == [:])
        }
    }

    @Test("of many requests that bring somebody first, one makes them", arguments: TestEngine.all)
    func race(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let token = Self.token(#"\#(Self.alice),"role":"CUSTOMER""#)
            let found = Locked<Set<UInt128>>([])
            try await atOnce(12) { _ in
                let id = try await desk.caller(with: token).id.bits
                found.withLock { _ = $0.insert(id) }
            }
            #expect(found.withLock { $0.count } == 1)
            #expect(try await desk.count("SELECT count(*) FROM people WHERE origin = 'delegated'") == 1)
        }
    }

    @Test(
        "roles are known by their names there", arguments: TestEngine.all,
        [("TEMP_USER", Role.guest), ("CUSTOMER", .customer), ("AGENT", .agent), ("ADMIN", .admin)])
    func roles(on engine: TestEngine, role: (name: String, role: Role)) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let token = Self.token(#"\#(Self.alice),"role":"\#(role.name)""#)
            #expect(try await desk.caller(with: token).role == role.role)
        }
    }

    @Test("nobody gets a higher role than the issuer may grant", arguments: TestEngine.all)
    func capped(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) {
            $0.highestRole = .customer
        } _: { desk async throws in
            #expect(try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"ADMIN""#)).role == .customer)
            #expect(try await desk.caller(with: Self.token(#""id":"7","username":"g","role":"TEMP_USER""#)).role == .guest)
        }
    }

    @Test("claims that change are taken on, and tell the log", arguments: TestEngine.all)
    func updated(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let now = desk.clock.now.milliseconds / 1000
            let before = try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER","iat":\#(now - 1)"#))
            let newer = Self.token(#""id":"42","username":"Alice Hargreaves","role":"AGENT","iat":\#(now)"#)
            let after = try await desk.caller(with: newer)
            #expect(after.id == before.id && after.role == .agent && after.name == "Alice Hargreaves" && after.email == nil)
            #expect(try await desk.log().last?.type == "user.updated")
            let events = try await desk.log().count
            desk.clock.advance(seconds: 5)
            _ = try await desk.caller(with: newer)
            #expect(try await desk.log().count == events)
        }
    }

    @Test("a token that does not say when it was made raises nobody", arguments: TestEngine.all)
    func raisesNobody(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let old = Self.token(#"\#(Self.alice),"role":"ADMIN""#)
            #expect(try await desk.caller(with: old).role == .admin)
            // Taken back, which counts.
            #expect(try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER""#)).role == .customer)
            for _ in 0..<3 {
                #expect(try await desk.caller(with: old).role == .customer)
                desk.clock.advance(seconds: 61)
            }
            // What is said with a time counts again.
            let now = desk.clock.now.milliseconds / 1000
            #expect(try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"AGENT","iat":\#(now)"#)).role == .agent)
        }
    }

    @Test("two tokens in turn without iat change somebody once a minute at most", arguments: TestEngine.all)
    func flaps(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let tokens = ["A", "B"].map { Self.token(#""id":"42","username":"\#($0)","role":"CUSTOMER""#) }
            _ = try await desk.caller(with: tokens[0])
            let events = try await desk.log().count
            for turn in 0..<40 { _ = try await desk.caller(with: tokens[turn % 2]) }
            #expect(try await desk.log().count <= events + 1)
            desk.clock.advance(seconds: 60)
            for turn in 0..<40 { _ = try await desk.caller(with: tokens[turn % 2]) }
            #expect(try await desk.log().count <= events + 2)
            // Of one second, or of a clock ahead of ours, neither.
            desk.clock.advance(seconds: 60)
            let now = desk.clock.now.milliseconds / 1000
            for time in [now, now + 1000] {
                let tokens = ["A", "B"].map { Self.token(#""id":"43","username":"\#($0)","role":"CUSTOMER","iat":\#(time)"#) }
                let events = try await desk.log().count
                for turn in 0..<40 { _ = try await desk.caller(with: tokens[turn % 2]) }
                #expect(try await desk.log().count <= events + 2)
                desk.clock.advance(seconds: 60)
            }
        }
    }

    @Test("without iat the order is that of exp: what changed arrives, and what is older does not come back", arguments: TestEngine.all)
    func orderedByEnd(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let end = desk.clock.now.milliseconds / 1000 + 100_000
            func token(_ role: String, _ name: String, endsAt end: Int) -> String {
                Self.token(#""id":"42","username":"\#(name)","role":"\#(role)","exp":\#(end)"#)
            }
            #expect(try await desk.caller(with: token("CUSTOMER", "A", endsAt: end)).role == .customer)
            let raised = try await desk.caller(with: token("AGENT", "B", endsAt: end + 1))
            #expect(raised.role == .agent && raised.name == "B")
            // A token that is older gives no more than it says, and changes nothing of what is known.
            desk.clock.advance(seconds: 60)
            let older = try await desk.caller(with: token("CUSTOMER", "A", endsAt: end))
            #expect(older.role == .customer && older.name == "B")
            #expect(try await desk.person(older.id).role == .agent)
            #expect(try await desk.caller(with: token("CUSTOMER", "C", endsAt: end + 2)).role == .customer)
            desk.clock.advance(seconds: 60)
            for _ in 0..<2 {
                let back = try await desk.caller(with: token("AGENT", "B", endsAt: end + 1))
                #expect(back.role == .customer && back.name == "C")
                desk.clock.advance(seconds: 60)
            }
            // A demotion counts at once for who brings it, also within the minute.
            _ = try await desk.caller(with: token("ADMIN", "D", endsAt: end + 3))
            #expect(try await desk.caller(with: token("CUSTOMER", "D", endsAt: end + 4)).role == .customer)
        }
    }

    @Test("a token that is older than another does not undo what that said", arguments: TestEngine.all)
    func older(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let now = desk.clock.now.milliseconds / 1000
            let old = Self.token(#"\#(Self.alice),"role":"ADMIN","iat":\#(now - 100)"#)
            #expect(try await desk.caller(with: old).role == .admin)
            #expect(try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER","iat":\#(now)"#)).role == .customer)
            #expect(try await desk.caller(with: old).role == .customer)
            // One from the future is taken as of now.
            _ = try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"AGENT","iat":\#(now + 1_000_000)"#))
            desk.clock.advance(seconds: 10)
            #expect(try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER","iat":\#(now + 10)"#)).role == .customer)
        }
    }

    @Test("the same id from another issuer is somebody else, and no issuer is `default`", arguments: TestEngine.all)
    func issuers(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let plain = try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER""#))
            let named = try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER","iss":"default""#))
            let other = try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER","iss":"shop""#))
            #expect(plain.id == named.id && plain.id != other.id)
            let number = try await desk.caller(with: Self.token(#""id":42,"username":"A","role":"CUSTOMER","iss":"shop""#))
            #expect(number.id == other.id)
        }
    }

    @Test("who was deactivated here is refused whatever the issuer says", arguments: TestEngine.all)
    func deactivated(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let token = Self.token(#"\#(Self.alice),"role":"CUSTOMER""#)
            let caller = try await desk.caller(with: token)
            _ = try await desk.change(caller.id) { $0.isActive = false }
            let isRecent = Array(token.utf8).withUnsafeBytes { desk.desk.recentCaller(with: $0) } != nil
            #expect(!isRecent)
            #expect(try await desk.isRefused(token))
            #expect(try await desk.isRefused(Self.token(#"\#(Self.alice),"role":"ADMIN""#)))
            #expect(try await desk.person(caller.id).role == .customer)
        }
    }

    @Test(
        "a token without what it must say is refused", arguments: TestEngine.all,
        [
            #""username":"A","email":"a@b.c","role":"CUSTOMER""#, #""id":"","username":"A","role":"CUSTOMER""#,
            #""id":"1","email":"a@b.c","role":"CUSTOMER""#, #""id":"1","username":"A","email":"a@b.c""#,
            #""id":"1","username":"A","role":"EMPEROR""#, #""id":"1","username":"A","email":"no address","role":"CUSTOMER""#,
            #""id":"1","username":"A","role":["ADMIN"]"#, #""id":true,"username":"A","role":"ADMIN""#,
            #""id":"1","username":"A","role":"ADMIN","iss":7"#, #""id":"1","username":"A","role":"CUSTOMER","role":"ADMIN""#,
            #""id":"1","username":"A","role":"ADMIN","iss":"martlet""#, #""id":"1\u0000","username":"A","role":"ADMIN""#,
        ])
    func incomplete(on engine: TestEngine, claims: String) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            #expect(try await desk.isRefused(Self.token(claims)))
        }
    }

    @Test("a token counts from its nbf to its exp", arguments: TestEngine.all)
    func times(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let now = desk.clock.now.milliseconds / 1000
            let ending = Self.token(#"\#(Self.alice),"role":"CUSTOMER","exp":\#(now + 1)"#)
            _ = try await desk.caller(with: ending)
            desk.clock.advance(seconds: 1)
            let isRecent = Array(ending.utf8).withUnsafeBytes { desk.desk.recentCaller(with: $0) } != nil
            #expect(!isRecent)
            #expect(try await desk.isRefused(ending))
            #expect(try await desk.isRefused(Self.token(#"\#(Self.alice),"role":"CUSTOMER","nbf":\#(now + 60)"#)))
            #expect(try await desk.isRefused(Self.token(#"\#(Self.alice),"role":"CUSTOMER","exp":"tomorrow""#)))
            // Far more than any clock shows, and still only late.
            _ = try await desk.caller(with: Self.token(#"\#(Self.alice),"role":"CUSTOMER","exp":1e300,"iat":1e300"#))
        }
    }

    @Test("an exp is needed where it is asked for, and the right aud", arguments: TestEngine.all)
    func demands(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) {
            $0.requiresExpiry = true
            $0.audience = "martlet.example"
        } _: { desk async throws in
            let exp = #""exp":\#(desk.clock.now.milliseconds / 1000 + 60)"#
            func isRefused(_ more: String) async throws -> Bool {
                try await desk.isRefused(Self.token(#"\#(Self.alice),"role":"CUSTOMER"\#(more)"#))
            }
            #expect(try await isRefused(#",\#(exp),"aud":"martlet.example""#) == false)
            #expect(try await isRefused(#",\#(exp),"aud":["other","martlet.example"]"#) == false)
            #expect(try await isRefused(#","aud":"martlet.example""#))
            #expect(try await isRefused(",\(exp)"))
            #expect(try await isRefused(#",\#(exp),"aud":"other""#))
            #expect(try await isRefused(#",\#(exp),"aud":["other"]"#))
        }
    }

    @Test("neither key signs the other kind of token, and none signs nothing", arguments: TestEngine.all)
    func kinds(on engine: TestEngine) async throws {
        try await Self.withIssuer(on: engine) { desk async throws in
            let own = try await desk.signIn(try await desk.signedIn(desk.admin)).accessToken
            #expect(try await desk.caller(with: own).id == desk.admin.id)
            let claims = own.split(separator: ".")[1]
            // The same claims, signed with what is shared.
            let payload = try #require(Base64.decode(String(claims), .url, padded: false))
            let forged = Token.sign(claims: payload, with: try TokenKey(secret: Array(Self.secret.utf8)))
            #expect(try await desk.isRefused(forged))
            #expect(try await desk.isRefused(Self.token(#"\#(Self.alice),"role":"ADMIN""#, "a secret for tests only")))
            #expect(try await desk.isRefused(Self.token(#"\#(Self.alice),"role":"ADMIN""#, "somebody else's secret")))
            let none = Base64.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8), .url, padded: false)
            let body = Base64.encode(Array(#"{\#(Self.alice),"role":"ADMIN"}"#.utf8), .url, padded: false)
            #expect(try await desk.isRefused("\(none).\(body)."))
        }
    }

    @Test("where no issuer is set, none is believed", arguments: TestEngine.all)
    func off(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk async throws in
            #expect(try await desk.isRefused(Self.token(#"\#(Self.alice),"role":"CUSTOMER""#)))
        }
    }

    @Test("an unknown key is asked for once, and then known", arguments: TestEngine.all)
    func fetched(on engine: TestEngine) async throws {
        let keys = Locked(TokenKeys([]))
        let fetches = Wins()
        var tokens = DelegatedTokens { keys.withLock { $0 } }
        tokens.fetchKeys = {
            fetches.add()
            guard let key = try? TokenKey(secret: Array(Self.secret.utf8)) else { return false }
            keys.withLock { $0 = TokenKeys([key]) }
            return true
        }
        try await withDesk(on: engine, delegated: tokens) { desk async throws in
            let token = Self.token(#"\#(Self.alice),"role":"CUSTOMER""#)
            #expect(try await desk.caller(with: token).name == "Alice Liddell")
            #expect(fetches.count == 1)
        }
    }
}
