import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("Spellings of addresses and usernames") struct SpellingTests {
    static let addresses = [
        ("josé@example.com", "JOSE\u{301}@example.com"), ("x@Bücher.example", "x@XN--BCHER-KVA.example"),
        ("y@bu\u{308}cher.example", "y@bücher.example"), ("x@пример.com", "x@xn--e1afmkfd.com"), ("x@ｅxample.org", "x@example.org"),
        ("ΑΣ@example.com", "ας@example.com"),
    ]

    @Test("an address is one account's, however it is spelled", arguments: TestEngine.all)
    func address(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for (number, (one, other)) in Self.addresses.enumerated() {
                let person = try await desk.register(one) { $0.username = "reader\(number)" }.person
                await #expect(throws: DeskError.conflict("Email already registered"), "\(other)") { try await desk.register(other) }
                #expect(try await desk.signIn(other).person.id == person.id)
                #expect(try await desk.desk.accountID(named: other) == person.id)
                try await desk.desk.mailPasswordLink(to: other)
                // It is kept, and mailed to, as its owner spelled it.
                #expect(try await desk.mailedTokens("reset_password", to: one).count == 1)
            }
        }
    }

    @Test("a username is one account's, however it is spelled", arguments: TestEngine.all)
    func username(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let pairs = [("rémy", "RE\u{301}MY"), ("ｌｅｗｉｓ", "lewis"), ("𝓜ary", "mary"), ("Straße", "STRASSE")]
            for (number, (one, other)) in pairs.enumerated() {
                let person = try await desk.register("one\(number)@example.com") { $0.username = one }.person
                await #expect(throws: DeskError.conflict("Username already taken"), "\(other)") {
                    try await desk.register("other\(number)@example.com") { $0.username = other }
                }
                #expect(try await desk.signIn(other).person.id == person.id)
            }
            await #expect(throws: DeskError.conflict("Username already taken")) {
                try await desk.change(desk.customer.id) { $0.username = .to("re\u{301}my") }
            }
        }
    }

    @Test("staff find, assign and name people by any spelling", arguments: TestEngine.all)
    func found(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let agent = try await desk.add("rémy@bücher.example", as: desk.admin) { ($0.role, $0.username) = (.agent, "Rémy") }
            for spelling in ["re\u{301}my", "RÉMY@xn--bcher-kva.example"] {
                let assigned = try await desk.assign(try await desk.ticket(), to: .text(spelling), by: desk.admin)
                #expect(assigned.assignee?.id == agent.id)
                var filter = UserFilter()
                filter.beginning = spelling
                let ready = filter
                let page = try await desk.read { look in try await look.users(ready, SliceRequest(), as: desk.admin) }
                #expect(page.items.map(\.id) == [agent.id])
            }
        }
    }

    @Test(
        "a username is refused that mixes alphabets, is an id, or hides an @ in its look", arguments: TestEngine.all,
        ["аlice", "αlice", "0198b7a4-5c1e-7000-8000-000000000000", "bob＠example.com", String(repeating: "\u{FDFA}", count: 100)])
    func refused(on engine: TestEngine, name: String) async throws {
        try await withDesk(on: engine) { desk in
            await #expect(throws: DeskError.invalid([.username])) { try await desk.register("eve@example.com") { $0.username = name } }
            await #expect(throws: DeskError.invalid([.username])) {
                try await desk.add("eve@example.com", as: desk.admin) { $0.username = name }
            }
            await #expect(throws: DeskError.invalid([.username])) { try await desk.change(desk.agent.id) { $0.username = .to(name) } }
        }
    }

    @Test("a username that looks like the staff's is for them alone", arguments: TestEngine.all)
    func reserved(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let refusal = DeskError.invalid([
                InvalidField("username", "username_reserved", "This username looks like one that is for the staff alone")
            ])
            for name in ["admin", "Ａｄｍｉｎ", "SUPP0RT", "Ádm1n", "ѕуѕтем"] {
                await #expect(throws: refusal, "\(name)") { try await desk.register("eve@example.com") { $0.username = name } }
                await #expect(throws: refusal, "\(name)") { try await desk.add("eve@example.com", as: desk.admin) { $0.username = name } }
                await #expect(throws: refusal, "\(name)") { try await desk.change(desk.customer.id) { $0.username = .to(name) } }
            }
            let agent = try await desk.add("a@example.com", as: desk.admin) { ($0.role, $0.username) = (.agent, "Support") }
            #expect(agent.username == "Support")
            #expect(try await desk.change(desk.agent.id) { $0.username = .to("root") }.username == "root")
        }
    }

    @Test("who has such an address and chooses no username gets another one", arguments: TestEngine.all)
    func chosen(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            #expect(try await desk.register("support@example.com").person.username == "user")
            #expect(try await desk.register("adm1n@example.org").person.username == "user2")
            #expect(try await desk.register("аlice@example.org").person.username == "user3")
            #expect(try await desk.add("admin@example.net", as: desk.admin) { $0.role = .admin }.username == "admin")
            // So does a contact who claims the account.
            _ = try await desk.contact("root@example.com")
            try await desk.desk.mailPasswordLink(to: "root@example.com")
            let token = try await desk.mailedToken("reset_password", to: "root@example.com")
            try await desk.desk.resetPassword(with: token, to: TestDesk.password)
            #expect(try await desk.signIn("root@example.com").person.username == "user4")
        }
    }

    @Test("what somebody is to be called has its length, and stands on one line", arguments: TestEngine.all)
    func names(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let names = [
                ("Eve\r\nBcc: x", "name value_error"), ("\u{202E}eve", "name value_error"), ("\u{200B}", "name string_too_short"),
                (String(repeating: "x", count: 201), "name string_too_long"),
            ]
            for (name, fault) in names {
                var registration = Helpdesk.Registration()
                (registration.email, registration.password, registration.name) = ("eve@example.com", TestDesk.password, name)
                let wanted = registration
                do {
                    _ = try await desk.desk.addAccount(wanted, role: .customer)
                    Issue.record("\(name.debugDescription) was taken")
                } catch DeskError.invalid(let faults) {
                    #expect(faults.map { "\($0.location) \($0.kind)" } == [fault])
                }
            }
            // One long word is a whole name still, and ends where a first name does.
            let long = String(repeating: "x", count: 150)
            let person = try await desk.register("eve@example.com") { $0.fullName = long + " y" }.person
            #expect(person.name == long + " y" && person.firstName == String(long.prefix(100)) && person.lastName == "y")
            let unseen = try await desk.register("zoe@example.com") { $0.fullName = "\u{200B} Zoe" }.person
            #expect(unseen.firstName == "" && unseen.lastName == "Zoe")
        }
    }

    @Test(
        "an @ stays an @ with a mark behind it",
        arguments: [
            "bob@\u{301}example.com", "a@\u{301}b@example.com", "bob@example.\u{301}com", "\u{301}bob@example.com",
            "b.\u{301}ob@example.com",
        ])
    func marks(text: String) {
        #expect(!EmailAddress.isSane(text))
        #expect(!Username.isSane(text) || !text.unicodeScalars.contains("@"))
    }

    @Test(
        "nothing unseen stands in an address or a username",
        arguments: ["\u{FE0F}", "\u{34F}", "\u{3164}", "\u{115F}", "\u{200B}", "\u{E0041}"])
    func unseen(scalar: String) {
        #expect(!EmailAddress.isSane("b\(scalar)ob@example.com") && !EmailAddress.isSane("bob@exa\(scalar)mple.com"))
        #expect(!Username.isSane("b\(scalar)ob"))
    }
}
