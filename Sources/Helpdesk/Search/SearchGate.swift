internal import Domain
internal import Storage
internal import Synchronization

/// Lets so many searches run at a time, and so many wait. A search keeps a core busy while it lasts, and whoever asks for a ticket meanwhile
/// shall hardly notice. One of each asker's runs at a time, and askers take turns.
final class SearchGate: Sendable {
    private struct Search: Sendable {
        let continuation: CheckedContinuation<Void, any Error>
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var running = 0
        var waiting: TurnQueue<Search>
    }

    private let state: Mutex<State>
    private let most: Int

    init(most: Int, waiting: Int = 64, waitingEach: Int = 16) {
        self.most = most
        state = Mutex(State(waiting: TurnQueue(bound: waiting, boundEach: waitingEach)))
    }

    /// Runs `body` when it is its turn. Throws `.busy` when too many wait already, and `StorageFault.timeout` when its turn comes after
    /// the deadline.
    ///
    /// Whenever a search ends, those that are late are told. So when every body ends by its deadline, nobody waits much longer than that.
    func pass<Result: Sendable>(
        for owner: ScanOwner, until deadline: ContinuousClock.Instant, _ body: () async throws -> Result
    ) async throws -> Result {
        try await enter(owner, deadline)
        defer { leave(owner) }
        // Whoever has gone meanwhile is not searched for.
        try Task.checkCancellation()
        return try await body()
    }

    private func enter(_ owner: ScanOwner, _ deadline: ContinuousClock.Instant) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let (isTaken, next) = state.withLock { state in
                let isTaken = state.waiting.add(Search(continuation: continuation, deadline: deadline), of: owner)
                return (isTaken, takeNext(&state))
            }
            if !isTaken { continuation.resume(throwing: DeskError.busy("Too many searches at once: please try again")) }
            for search in next { search.continuation.resume() }
        }
    }

    /// Gives the place to whose turn it is.
    private func leave(_ owner: ScanOwner) {
        let (late, next) = state.withLock { state in
            state.running -= 1
            state.waiting.finish(owner)
            let now = ContinuousClock.now
            let late = state.waiting.count > 0 ? state.waiting.remove { $0.deadline <= now } : []
            return (late, takeNext(&state))
        }
        for search in late { search.continuation.resume(throwing: StorageFault.timeout) }
        for search in next { search.continuation.resume() }
    }

    private func takeNext(_ state: inout State) -> [Search] {
        var taken: [Search] = []
        while state.running < most, let next = state.waiting.next() {
            state.running += 1
            taken.append(next.item)
        }
        return taken
    }
}

extension Desk {
    /// Searches: like `survey`, but few at a time and within `Rules.searchTimeout`, waiting included. Throws `.busy` after that, and when
    /// too many wait.
    public func search<Result: Sendable>(
        for asker: Asker, _ body: @escaping @Sendable (Look) async throws -> Result
    ) async throws -> Result {
        let now = outside.now()
        let deadline = ContinuousClock.now.advanced(by: .milliseconds(rules.searchTimeout))
        do {
            return try await searches.pass(for: asker.owner, until: deadline) {
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { throw StorageFault.timeout }
                return try await database.scan(within: left.roundedMilliseconds, for: asker.owner) { db in
                    try await body(Look(db, self, at: now))
                }
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
