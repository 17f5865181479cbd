import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

@Suite("A secret that takes another's place") struct SecretRotationTests {
    private static let old = Array("a secret for tests only".utf8)
    private static let new = Array("the secret that follows it".utf8)

    private static func desk(_ desk: TestDesk, _ secret: [UInt8], _ previous: [[UInt8]] = []) throws -> Desk {
        try Desk(desk.database, Rules(), desk.desk.outside, secret: secret, previousSecrets: previous)
    }

    @Test("signs nobody out, and makes tokens that are good without the one before", arguments: TestEngine.all)
    func tokens(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let signIn = try await desk.signIn(try await desk.signedIn(desk.agent))
            let (both, alone) = (try Self.desk(desk, Self.new, [Self.old]), try Self.desk(desk, Self.new))
            let token = Array(signIn.accessToken.utf8)
            #expect(try await both.caller(with: token).id == desk.agent.id)
            await #expect(throws: DeskError.self) { try await alone.caller(with: token) }
            let next = Array(try await both.refresh(signIn.refreshToken).accessToken.utf8)
            #expect(try await alone.caller(with: next).id == desk.agent.id)
            // A node that knows the new one as another that is good takes them too, so that nodes change one after the other.
            #expect(try await Self.desk(desk, Self.old, [Self.new]).caller(with: next).id == desk.agent.id)
            await #expect(throws: DeskError.self) { try await desk.desk.caller(with: next) }
        }
    }

    @Test(
        "keeps second factors, which are sealed with the new one, and recovery codes as long as the old one is there",
        arguments: TestEngine.all)
    func secondFactors(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let (agent, app, codes) = try await desk.withSecondFactor(desk.agent)
            let (both, alone) = (try Self.desk(desk, Self.new, [Self.old]), try Self.desk(desk, Self.new))
            func check(_ code: String, at desk: Desk) async throws {
                try await desk.write { work in try await work.checkSecondFactor(of: agent.id, code: code) }
            }
            desk.clock.advance(seconds: 30)
            try await check(app.code(at: desk.step), at: both)
            try await check(codes[0], at: both)
            await #expect(throws: DeskError.self) { try await check(codes[0], at: both) }
            desk.clock.advance(seconds: 30)
            let code = app.code(at: desk.step)
            await #expect(throws: DeskError.self) { try await check(code, at: alone) }
            try await both.resealSecondFactors()
            try await both.resealSecondFactors()
            try await check(code, at: alone)
            await #expect(throws: DeskError.self) { try await check(codes[1], at: alone) }
        }
    }
}
