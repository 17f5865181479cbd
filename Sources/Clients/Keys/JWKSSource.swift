public import Codec
public import Loop

/// The public keys of an issuer of tokens, as it publishes them (JWKS, RFC 7517): fetched at the start, every ten minutes, and when a
/// token names a key that is not known, but for that at most once a minute.
///
/// Who verifies reads `keys`, which never waits. A fetch that fails leaves the last good set in place: an issuer that is down must not
/// lock out those who hold its tokens. Only who meets an unknown key waits, and at most for one fetch, which is bounded.
public final class JWKSSource: Service {
    /// Why there is no new set.
    public enum Failure: Error, Equatable, Sendable {
        case call(ClientFault)
        case status(Int)
        case keys(TokenKey.Fault)
    }

    private enum Phase { case fetching, resting, ended }

    private struct State {
        var keys = TokenKeys([])
        var plan: FetchPlan
        /// From the beginning a fetch is on its way: those who come before the first has ended wait for it.
        var phase = Phase.fetching
        var waiting: [UnsafeContinuation<Bool, Never>] = []
    }

    public let name = "issuer's keys"
    private let url: String
    private let client: HTTPClient
    private let alarm: Alarm
    private let state: Locked<State>
    private let report: @Sendable (Failure) -> Void

    /// - Parameters:
    ///   - authorities: a file of certificates to trust instead of the system's.
    ///   - report: told of every fetch that fails.
    ///
    /// Throws `.malformed` when `url` is no address of `http` or `https`.
    public convenience init(
        _ url: String, on loop: EventLoop, authorities: String? = nil, report: @escaping @Sendable (Failure) -> Void
    ) throws(ClientFault) {
        var rules = HTTPClientRules()
        rules.connecting = .seconds(3)
        rules.whole = .seconds(3)
        rules.largestBody = 256 << 10
        rules.authorities = authorities
        try self.init(url, on: loop, rules, FetchPlan(), report: report)
    }

    init(
        _ url: String, on loop: EventLoop, _ rules: HTTPClientRules, _ plan: FetchPlan, report: @escaping @Sendable (Failure) -> Void
    ) throws(ClientFault) {
        guard HTTPCall.get(url).isSound else { throw .malformed }
        self.url = url
        self.report = report
        client = try HTTPClient(on: loop, rules)
        alarm = Alarm(on: loop)
        state = Locked(State(plan: plan))
    }

    /// The last good set; empty until there is one.
    public var keys: TokenKeys { state.withLock { $0.keys } }

    /// Asks for a new set, since a token names a key that is not in this one (`Token.Fault.noKey`), and waits for it. False when there
    /// is none: the fetch failed, or one was asked for less than a minute ago.
    public func refresh() async -> Bool {
        await withUnsafeContinuation { continuation in
            let now = MonotonicClock.now
            let (waits, begins) = state.withLock { state in
                let begins = state.phase == .resting && state.plan.grantsWish(at: now, hasKeys: !state.keys.keys.isEmpty)
                if begins { state.phase = .fetching }
                if state.phase == .fetching { state.waiting.append(continuation) }
                return (state.phase == .fetching, begins)
            }
            if begins { alarm.ring() }
            if !waits { continuation.resume(returning: false) }
        }
    }

    /// The token that `text` is, if the issuer signed it. Asks for a new set when the key is not known; says nothing of times.
    public func verify(_ text: String) async throws(Token.Fault) -> Token {
        do throws(Token.Fault) {
            return try Token.verify(text, keys: keys)
        } catch {
            guard error == .noKey, await refresh() else { throw error }
        }
        return try Token.verify(text, keys: keys)
    }

    // MARK: - Fetching

    /// Fetches until the task is cancelled.
    public func run() async {
        while true {
            let result = await fetch()
            guard !Task.isCancelled else { break }
            if case .failure(let failure) = result { report(failure) }
            await alarm.sleep(nanoseconds: settle(result))
            guard !Task.isCancelled else { break }
            state.withLock { $0.phase = .fetching }
        }
        tell(false, then: .ended)
    }

    /// Keeps what came, lets those go on who waited for it, and says how long to rest.
    private func settle(_ result: Result<TokenKeys, Failure>) -> UInt64 {
        let keys = try? result.get()
        if let keys { state.withLock { $0.keys = keys } }
        tell(keys != nil, then: .resting)
        return state.withLock { $0.plan.pause(hasSucceeded: keys != nil, hasKeys: !$0.keys.keys.isEmpty) }
    }

    private func tell(_ isNew: Bool, then phase: Phase) {
        let waiting = state.withLock { state in
            state.phase = phase
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: isNew) }
    }

    private func fetch() async -> Result<TokenKeys, Failure> {
        let answer: HTTPAnswer
        do throws(ClientFault) {
            answer = try await client.get(url, accepting: "application/jwk-set+json, application/json")
        } catch {
            return .failure(.call(error))
        }
        guard answer.status == 200 else { return .failure(.status(answer.status)) }
        do throws(TokenKey.Fault) {
            return .success(try TokenKeys(jwks: answer.body))
        } catch {
            return .failure(.keys(error))
        }
    }
}

extension JWKSSource.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .call(let fault): "\(fault)"
        case .status(let status): "the answer's status was \(status)"
        case .keys(let fault): "the answer holds no keys that can be used (\(fault))"
        }
    }
}
