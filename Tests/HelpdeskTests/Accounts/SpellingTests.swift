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
