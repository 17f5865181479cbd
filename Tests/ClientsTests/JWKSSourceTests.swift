import Codec
import HTTP
import Loop
import Testing

@testable import Clients

/// Two keys, and a token that each has signed.
private enum Samples {
    static let keyA = #"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"Gf20UyV8z2XjhHJqAoigEIEk41a3aNMvXmbhkFv06wg"}"#
    static let tokenA =
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.eyJpZCI6ImEifQ.UBuaXF0W9F_L_PFnaq7h0-3Umi3fv5D7HAFBXxO5vo6Jd6j5i_a-Vw5ijejAOJm0vGlaA0169zngzKDog0n2Ag"
    static let keyB = #"{"kty":"OKP","crv":"Ed25519","kid":"b","x":"lNebMXFqz8BVYrDCn3BUyw0PcNvpXZXOfq66q9szB58"}"#
    static let tokenB =
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImIifQ.eyJpZCI6ImIifQ.p6pX3ZIPkpGP0S1tKg9euCF1-GRABIoxKwFFAgZ8dNlu6gz4xZ0GIVUH6Bl74q_2-fD2j7Jlvq9nTwYR0TaACQ"

    static func set(_ keys: String...) -> String { #"{"keys":[\#(keys.joined(separator: ","))]}"# }
}

/// An issuer whose keys change, and which may be out of order.
private final class Issuer: Sendable {
    private let held: Locked<(status: Status, body: String, asked: Int)>

    init(_ body: String, _ status: Status = .ok) { held = Locked((status, body, 0)) }

    func answer(_ body: String, _ status: Status = .ok) { held.withLock { ($0.status, $0.body) = (status, body) } }

    private func answer() -> Response {
        held.withLock { held in
            held.asked += 1
            return .json(held.status, Array(held.body.utf8))
        }
    }

    /// How often it was asked.
    var asked: Int { held.withLock { $0.asked } }

    func declare(_ routes: inout Routes) {
        routes.raw(.get, "/keys", .everyone, "The keys", gives: .json) { _ in self.answer() }
    }
}

private let briefly: UInt64 = 5_000_000
private let long: UInt64 = 3600 * 1_000_000_000

/// Runs `body` with a source that fetches from `issuer`, as `change` has its plan; without a change only at the start and when asked.
private func withSource(
    _ issuer: Issuer, plan change: @escaping @Sendable (inout FetchPlan) -> Void = { _ in },
    _ body: @escaping @Sendable (JWKSSource, Bench, Record<JWKSSource.Failure>) async throws -> Void
) async throws {
    try await withServer(routes: issuer.declare) { bench in
        var plan = FetchPlan()
        (plan.usual, plan.afterFailure, plan.withoutKeys, plan.betweenWishes) = (long, long, long, long)
        change(&plan)
        let failures = Record<JWKSSource.Failure>()
        let source = try JWKSSource(bench.url("/keys"), on: bench.loop, HTTPClientRules(), plan) { failures.note($0) }
        let running = bench.loop.spawn { await source.run() }
        let result = await Result.of { try await body(source, bench, failures) }
        running.cancel()
        await running.value
        try result.get()
    }
}

private func tokenFault(_ body: () async throws -> Void) async -> Token.Fault? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Token.Fault
    }
}

@Suite("An issuer's keys") struct JWKSSourceTests {
    @Test("are fetched at the start, and who comes before that waits") func start() async throws {
        let issuer = Issuer(Samples.set(Samples.keyA))
        try await withSource(issuer) { source, bench, _ in
            #expect(source.keys.keys.isEmpty)
            let tasks = (0..<20).map { _ in Task(executorPreference: bench.loop) { try await source.verify(Samples.tokenA).keyID } }
            for task in tasks {
                let name = try await task.value
                #expect(name == "a")
            }
            #expect(source.keys.keys.map(\.id) == ["a"] && issuer.asked == 1)
        }
    }

    @Test("are fetched again when a token names one that is not known") func unknownKey() async throws {
        let issuer = Issuer(Samples.set(Samples.keyA))
        try await withSource(issuer) { source, _, _ in
            _ = try await source.verify(Samples.tokenA)
            issuer.answer(Samples.set(Samples.keyA, Samples.keyB))
            let token = try await source.verify(Samples.tokenB)
            #expect(token.keyID == "b" && issuer.asked == 2)
        }
    }

    @Test("are not asked for again so soon: the next unknown name is refused at once") func unknownKeys() async throws {
        let issuer = Issuer(Samples.set(Samples.keyA))
        try await withSource(issuer) { source, _, _ in
            _ = try await source.verify(Samples.tokenA)
            #expect(await tokenFault { _ = try await source.verify(Samples.tokenB) } == .noKey)
            for _ in 0..<20 { #expect(await tokenFault { _ = try await source.verify(Samples.tokenB) } == .noKey) }
            #expect(issuer.asked == 2)
            let token = try await source.verify(Samples.tokenA)
            #expect(token.keyID == "a")
        }
    }

    @Test("are not asked for when a signature is wrong, or a token is none") func otherFaults() async throws {
        let issuer = Issuer(Samples.set(Samples.keyA))
        try await withSource(issuer) { source, _, _ in
            _ = try await source.verify(Samples.tokenA)
            let forged = Samples.tokenA.dropLast(86) + Samples.tokenB.suffix(86)
            #expect(await tokenFault { _ = try await source.verify(String(forged)) } == .badSignature)
            #expect(await tokenFault { _ = try await source.verify("a.b") } == .malformed)
            #expect(issuer.asked == 1)
        }
    }

    @Test("are fetched from time to time, and one that was taken back is forgotten") func usual() async throws {
        let issuer = Issuer(Samples.set(Samples.keyA))
        try await withSource(issuer, plan: { $0.usual = briefly }) { source, bench, _ in
            _ = try await source.verify(Samples.tokenA)
            issuer.answer(Samples.set(Samples.keyB))
            #expect(await bench.loop.eventually { source.keys.keys.map(\.id) == ["b"] })
        }
    }

    @Test(
        "stay what they were when a fetch fails",
        arguments: [
            ("down", .unavailable, .status(503)), (Samples.set(Samples.keyB), .seeOther, .status(303)), ("<html>", .ok, .keys(.malformed)),
            (Samples.set(), .ok, .keys(.unsupported)),
        ] as [(String, Status, JWKSSource.Failure)])
    func failure(body: String, status: Status, expected: JWKSSource.Failure) async throws {
        let issuer = Issuer(Samples.set(Samples.keyA))
        let change = { @Sendable (plan: inout FetchPlan) in (plan.usual, plan.afterFailure) = (briefly, briefly) }
        try await withSource(issuer, plan: change) { source, bench, failures in
            _ = try await source.verify(Samples.tokenA)
            issuer.answer(body, status)
            #expect(await bench.loop.eventually { failures.events.count >= 2 })
            #expect(failures.events.allSatisfy { $0 == expected })
            let token = try await source.verify(Samples.tokenA)
            #expect(token.keyID == "a")
            issuer.answer(Samples.set(Samples.keyB))
            #expect(await bench.loop.eventually { source.keys.keys.map(\.id) == ["b"] })
        }
    }

    @Test("come as soon as an issuer that was down at the start is up") func late() async throws {
        let issuer = Issuer("", .unavailable)
        try await withSource(issuer, plan: { $0.withoutKeys = briefly }) { source, bench, failures in
            #expect(await tokenFault { _ = try await source.verify(Samples.tokenA) } == .noKey)
            #expect(failures.events.first == .status(503))
            issuer.answer(Samples.set(Samples.keyA))
            #expect(await bench.loop.eventually { !source.keys.keys.isEmpty })
            let token = try await source.verify(Samples.tokenA)
            #expect(token.keyID == "a")
        }
    }

    @Test("are waited for no longer than a fetch may take") func silent() async throws {
        let listener = try BareListener()
        try await onLoop { loop in
            var rules = HTTPClientRules()
            rules.whole = .milliseconds(200)
            let failures = Record<JWKSSource.Failure>()
            let source = try JWKSSource(listener.url, on: loop, rules, FetchPlan()) { failures.note($0) }
            let running = loop.spawn { await source.run() }
            #expect(await tokenFault { _ = try await source.verify(Samples.tokenA) } == .noKey)
            #expect(failures.events == [.call(.timedOut)])
            running.cancel()
            await running.value
        }
    }

    @Test("are waited for no longer than the source runs") func stop() async throws {
        let listener = try BareListener()
        try await onLoop { loop in
            let failures = Record<JWKSSource.Failure>()
            let source = try JWKSSource(listener.url, on: loop) { failures.note($0) }
            let running = loop.spawn { await source.run() }
            let waiting = Task(executorPreference: loop) { await source.refresh() }
            #expect(await loop.eventually { listener.accept().map { Socket.close($0) } != nil })
            running.cancel()
            await running.value
            #expect(await waiting.value == false)
            #expect(await source.refresh() == false)
        }
    }

    @Test("are nowhere but at an address of HTTP") func address() async throws {
        try await onLoop { loop in
            #expect(throws: ClientFault.malformed) { try JWKSSource("file:///etc/keys", on: loop) { _ in } }
        }
    }
}

@Suite("When keys are fetched") struct FetchPlanTests {
    private let minute: UInt64 = 60_000_000_000

    @Test("every ten minutes, a minute after a failure, and sooner while there are none") func pauses() {
        let plan = FetchPlan()
        #expect(plan.pause(hasSucceeded: true, hasKeys: true) == 10 * minute)
        #expect(plan.pause(hasSucceeded: false, hasKeys: true) == minute)
        #expect(plan.pause(hasSucceeded: false, hasKeys: false) == minute / 12)
    }

    @Test("for a wish once a minute, counted from the last that was granted") func wishes() {
        var plan = FetchPlan()
        let start: UInt64 = 12_345
        let moments = (0...120).map { start + $0 * 1_000_000_000 } + [start + 2 * minute + 1, start + 3 * minute - 1]
        // Those for a first set are granted once a second, and use up none of these.
        let first = [0, 10, 1_000_000_000].filter { plan.grantsWish(at: $0, hasKeys: false) }
        #expect(first == [0, 1_000_000_000])
        let granted = moments.filter { plan.grantsWish(at: $0, hasKeys: true) }
        #expect(granted == [start, start + minute, start + 2 * minute])
    }
}
