internal import Domain
internal import Storage
internal import Synchronization

/// Lets so many searches run at a time, and so many wait. A search keeps a core busy while it lasts, and whoever asks for a ticket meanwhile
/// shall hardly notice.
final class SearchGate: Sendable {
    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let most: Int
    private let mostWaiting: Int

    init(most: Int, waiting: Int = 64) {
        self.most = most
        mostWaiting = waiting
    }

    /// Runs `body` when it is its turn. Throws `.busy` when too many wait already.
    ///
    /// Turns come in the order of arrival. So when every body ends within some time of its arrival, nobody waits longer than that: those
    /// before them have ended by then.
    func pass<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await enter()
        defer { leave() }
        // Whoever has gone meanwhile is not searched for.
        try Task.checkCancellation()
        return try await body()
    }

    private func enter() async throws {
        let isFull = state.withLock { $0.running >= most && $0.waiting.count >= mostWaiting }
        if isFull { throw DeskError.busy("Too many searches at once: please try again") }
        await withCheckedContinuation { continuation in
            let mayGo = state.withLock { state in
                guard state.running >= most else {
                    state.running += 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if mayGo { continuation.resume() }
        }
    }

    /// Gives the place to who has waited longest.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

extension Desk {
    /// Searches: like `survey`, but few at a time and within `Rules.searchTimeout`, waiting included. Throws `.busy` after that, and when
    /// too many wait.
    public func search<Result: Sendable>(_ body: @escaping @Sendable (Look) async throws -> Result) async throws -> Result {
        let now = outside.now()
        let arrived = ContinuousClock.now
        do {
            return try await searches.pass {
                let left = .milliseconds(rules.searchTimeout) - arrived.duration(to: .now)
                guard left > .zero else { throw StorageFault.timeout }
                return try await database.scan(within: left.roundedMilliseconds) { db in try await body(Look(db, self, at: now)) }
            }
        } catch StorageFault.timeout {
            throw DeskError.busy("The search took too long: please ask for less, or try again")
        }
    }
}

extension Duration {
    /// Rounded up.
    fileprivate var roundedMilliseconds: Int {
        let (seconds, rest) = components
        return Int(seconds) * 1000 + Int((rest + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
