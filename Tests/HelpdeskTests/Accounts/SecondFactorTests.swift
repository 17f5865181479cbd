import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("A second factor") struct SecondFactorTests {
    @Test("asks for a code of the app from its confirmation on, and takes each once", arguments: TestEngine.all)
    func codes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let agent = try await desk.signedIn(desk.agent)
            let secret = try await desk.write { work in try await work.beginSecondFactor(as: agent) }
            #expect(secret.uri.hasPrefix("otpauth://totp/Martlet:bob%40example.com?secret=\(secret.text)&"))
            // Until a code was given it is asked for nowhere.
            _ = try await desk.signIn(agent)
            let app = TOTP(secret: try #require(Base32.decode(secret.text)))
            let first = app.code(at: desk.step)
            let codes = try await desk.write { work in try await work.confirmSecondFactor(first, as: agent) }
            #expect(codes.count == 10 && Set(codes).count == 10 && codes.allSatisfy { $0.utf8.count == 19 })

            await #expect(throws: DeskError.self) { try await desk.signIn(agent) }
            await #expect(throws: DeskError.self) { try await desk.signIn(agent, code: "000000") }
            await #expect(throws: DeskError.self) { try await desk.signIn(agent, code: first) }
            desk.clock.advance(seconds: 30)
            let next = app.code(at: desk.step)
            _ = try await desk.signIn(agent, code: next)
            await #expect(throws: DeskError.self) { try await desk.signIn(agent, code: next) }
            // An earlier one neither, though a clock that is slow would still show it.
            await #expect(throws: DeskError.self) { try await desk.signIn(agent, code: app.code(at: desk.step - 1)) }
        }
    }

    @Test("a code that two bring at once signs one of them in", arguments: TestEngine.all)
    func race(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (agent, app, _) = try await desk.withSecondFactor(desk.agent)
            desk.clock.advance(seconds: 30)
            let code = app.code(at: desk.step)
            let wins = Wins()
            try await atOnce(4) { _ in
                if (try? await desk.write { work in try await work.checkSecondFactor(of: agent.id, code: code) }) != nil { wins.add() }
            }
            #expect(wins.count == 1)
        }
    }

    @Test("a recovery code signs in once, however it is typed", arguments: TestEngine.all)
    func recovery(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (agent, _, codes) = try await desk.withSecondFactor(desk.agent)
            _ = try await desk.signIn(agent, code: codes[3])
            await #expect(throws: DeskError.self) { try await desk.signIn(agent, code: codes[3]) }
            _ = try await desk.signIn(agent, code: codes[4].lowercased().split(separator: "-").joined(separator: " "))
            // Nobody else's.
            let (other, _, _) = try await desk.withSecondFactor(desk.otherAgent)
            await #expect(throws: DeskError.self) { try await desk.signIn(other, code: codes[5]) }
        }
    }

    @Test("is not turned on by a wrong code, nor twice", arguments: TestEngine.all)
    func confirming(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let agent = try await desk.signedIn(desk.agent)
            await #expect(throws: DeskError.self) { try await desk.write { try await $0.confirmSecondFactor("123456", as: agent) } }
            _ = try await desk.write { work in try await work.beginSecondFactor(as: agent) }
            await #expect(throws: DeskError.self) { try await desk.write { try await $0.confirmSecondFactor("no code", as: agent) } }
            _ = try await desk.signIn(agent)
            let (again, _, _) = try await desk.withSecondFactor(desk.agent)
            #expect(
                try await desk.conflict { _ = try await desk.write { try await $0.beginSecondFactor(as: again) } } == "It is on already")
            #expect(
                try await desk.conflict { _ = try await desk.write { try await $0.confirmSecondFactor("1", as: again) } }
                    == "It is on already")
        }
    }

    @Test("is turned off by a code and by nothing else", arguments: TestEngine.all)
    func ending(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (agent, app, codes) = try await desk.withSecondFactor(desk.agent)
            await #expect(throws: DeskError.self) { try await desk.write { try await $0.endSecondFactor("000000", as: agent) } }
            desk.clock.advance(seconds: 30)
            let code = app.code(at: desk.step)
            try await desk.write { work in try await work.endSecondFactor(code, as: agent) }
            _ = try await desk.signIn(agent)
            #expect(try await desk.count("SELECT count(*) FROM recovery_codes") == 0)
            #expect(
                try await desk.conflict { try await desk.write { try await $0.endSecondFactor(codes[0], as: agent) } } == "It is not on")
            let log = try await desk.log().suffix(2)
            #expect(log.map(\.changes) == [#"{"totp":{"from":false,"to":true}}"#, #"{"totp":{"from":true,"to":false}}"#])
        }
    }

    @Test("is nobody's who came with a key", arguments: TestEngine.all)
    func keys(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let key = try await desk.key(["read", "write"], of: desk.agent)
            let caller = try await desk.caller(with: key)
            await #expect(throws: DeskError.forbidden("This needs a sign-in with your password")) {
                _ = try await desk.write { work in try await work.beginSecondFactor(as: caller) }
            }
        }
    }

    @Test("neither its secret nor a code can be read in the database, and another desk's secret opens nothing", arguments: TestEngine.all)
    func kept(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (agent, app, codes) = try await desk.withSecondFactor(desk.agent)
            let kept = try await desk.database.read { db in
                try await db.first("SELECT totp_secret FROM people WHERE id = \(agent.id)") { $0.bytes() }
            }
            // Nonce, code, whose it is, and the secret.
            #expect(kept?.count == 76)
            let plain = codes.map { SHA256.digest(Array($0.utf8.filter { $0 != UInt8(ascii: "-") })) }
            let digests = try await desk.database.read { db in try await db.all("SELECT digest FROM recovery_codes") { $0.bytes() } }
            #expect(digests.count == 10 && !digests.contains { plain.contains($0) })

            let other = try Desk(desk.database, Rules(), desk.desk.outside, secret: Array("another secret of another desk".utf8))
            desk.clock.advance(seconds: 30)
            let code = app.code(at: desk.step)
            await #expect(throws: DeskError.self) { try await other.write { try await $0.checkSecondFactor(of: agent.id, code: code) } }
            await #expect(throws: DeskError.self) { try await other.write { try await $0.checkSecondFactor(of: agent.id, code: codes[0]) } }
            // Put into somebody else's row, it is not theirs.
            let admin = desk.admin.id
            try await desk.database.write { db in
                try await db.run("UPDATE people SET totp_secret = \(kept ?? []), totp_confirmed = TRUE WHERE id = \(admin)")
            }
            await #expect(throws: DeskError.self) { try await desk.write { try await $0.checkSecondFactor(of: admin, code: code) } }
        }
    }
}

extension TestDesk {
    var step: Int64 { TOTP.step(at: Timestamp(milliseconds: Int64(clock.now.milliseconds))) }

    /// Signs somebody in and turns their second factor on.
    func withSecondFactor(_ caller: Caller) async throws -> (caller: Caller, app: TOTP, codes: [String]) {
        let caller = try await signedIn(caller)
        let secret = try await write { work in try await work.beginSecondFactor(as: caller) }
        let app = TOTP(secret: try #require(Base32.decode(secret.text)))
        let code = app.code(at: step)
        let codes = try await write { work in try await work.confirmSecondFactor(code, as: caller) }
        return (caller, app, codes)
    }
}
