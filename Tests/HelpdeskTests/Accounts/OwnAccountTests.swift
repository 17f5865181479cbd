import Codec
import Domain
import Helpdesk
import TestEngines
import Testing

@Suite("One's own account") struct OwnAccountTests {
    private static func caller(_ signIn: SignIn, at desk: TestDesk) async throws -> Caller {
        try await desk.desk.caller(with: Array(signIn.accessToken.utf8))
    }

    @Test("names, language and time zone are one's own to change", arguments: TestEngine.all)
    func changes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let caller = try await Self.caller(desk.register("eve@example.com"), at: desk)
            var change = OwnChange()
            (change.firstName, change.locale, change.timeZone) = ("Eva", .to("de-AT"), .to("Europe/Vienna"))
            let wanted = change
            let person = try await desk.write { work in try await work.change(wanted, of: caller, expecting: 1) }
            #expect(person.name == "Eva Doe" && person.locale == "de-AT" && person.timeZone == "Europe/Vienna" && person.revision == 2)
            let again = try await desk.write { work in try await work.change(wanted, of: caller, expecting: nil) }
            #expect(again == person)
            #expect(try await desk.events(.userUpdated) == 1)
            await #expect(throws: DeskError.stale) {
                try await desk.write { work in try await work.change(wanted, of: caller, expecting: 1) }
            }
            let cleared = try await desk.write { work in
                var change = OwnChange()
                change.locale = .null
                return try await work.change(change, of: caller, expecting: 2)
            }
            #expect(cleared.locale == nil && cleared.timeZone == "Europe/Vienna")
        }
    }

    @Test("without a last name one is called by the first, and without either by the username", arguments: TestEngine.all)
    func noNames(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let caller = try await Self.caller(desk.register("eve@example.com"), at: desk)
            func clear() async throws -> Person {
                try await desk.write { work in
                    var change = OwnChange()
                    change.lastName = .null
                    return try await work.change(change, of: caller, expecting: nil)
                }
            }
            let person = try await clear()
            #expect(person.name == "Eve" && person.lastName == "")
            _ = try await desk.change(caller.id) { ($0.firstName, $0.lastName) = (.null, .to("Doe")) }
            #expect(try await clear().name == "eve")
        }
    }

    @Test("only staff are available or not", arguments: TestEngine.all)
    func available(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var change = OwnChange()
            change.isAvailable = false
            let wanted = change
            await #expect(throws: DeskError.forbidden("Only staff are available or not")) {
                try await desk.write { work in try await work.change(wanted, of: desk.customer, expecting: nil) }
            }
            let agent = try await desk.write { work in try await work.change(wanted, of: desk.agent, expecting: nil) }
            #expect(!agent.isAvailable)
        }
    }

    @Test("a locale and a time zone have their forms", arguments: ["", "english please", "e", "de_", "de-"])
    func forms(text: String) async throws {
        try await withDesk(on: .sqlite) { desk in
            var change = OwnChange()
            (change.locale, change.timeZone) = (.to(text), .to("/\(text) etc"))
            let wanted = change
            let error = await #expect(throws: DeskError.self) {
                try await desk.write { work in try await work.change(wanted, of: desk.customer, expecting: nil) }
            }
            guard case .invalid(let fields)? = error else { return #expect(Bool(false), "not .invalid") }
            #expect(fields.map(\.location) == ["locale", "time_zone"])
        }
    }

    @Test("a new password ends all sign-ins but the one that asks", arguments: TestEngine.all)
    func password(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let present = try await desk.register("eve@example.com")
            let other = try await desk.signIn("eve")
            let caller = try await Self.caller(present, at: desk)
            let wrong = try await desk.desk.prepare(password: "another password", current: "wrong", of: caller)
            await #expect(
                throws: DeskError.invalid([InvalidField("current_password", "password_wrong", "This is not the present password")])
            ) {
                try await desk.write { work in try await work.changePassword(wrong, of: caller) }
            }
            #expect(await desk.isGood(other))
            let right = try await desk.desk.prepare(password: "another password", current: TestDesk.password, of: caller)
            try await desk.write { work in try await work.changePassword(right, of: caller) }
            #expect(await desk.isGood(present))
            #expect(await !desk.isGood(other))
            await #expect(throws: DeskError.self) { try await desk.signIn("eve") }
            _ = try await desk.signIn("eve", "another password")
        }
    }

    @Test("sign-ins are listed, and ended by their owner alone", arguments: TestEngine.all)
    func sessions(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.register("eve@example.com")
            desk.clock.advance(seconds: 1)
            let second = try await desk.signIn("eve")
            let caller = try await Self.caller(second, at: desk)
            let stranger = try await Self.caller(desk.register("mallory@example.com"), at: desk)
            let sessions = try await desk.read { look in try await look.sessions(of: caller) }
            #expect(sessions.count == 2 && sessions[0].id == caller.session && sessions[0].userAgent == "tests")
            let id = sessions[1].id
            await #expect(throws: DeskError.notFound("Session not found")) {
                try await desk.write { work in try await work.endSession(id, of: stranger) }
            }
            try await desk.write { work in try await work.endSession(id, of: caller) }
            #expect(await !desk.isGood(first))
            await #expect(throws: DeskError.notFound("Session not found")) {
                try await desk.write { work in try await work.endSession(id, of: caller) }
            }
            let third = try await desk.signIn("eve")
            try await desk.write { work in try await work.endOtherSessions(of: caller) }
            #expect(await desk.isGood(second))
            #expect(await !desk.isGood(third))
            let others = try await desk.read { look in try await look.sessions(of: stranger) }
            #expect(others.count == 1)
        }
    }
}
