internal import Synchronization

/// Counts what happens by key in each minute of the clock, on all nodes together, in memory that is bounded.
///
/// The sums are kept by a server that all nodes reach. To ask it at each request would make every one of them wait, and never to wait
/// would let through as many too many as there are nodes. So a request waits for the server's answer when it matters: when it is the
/// caller's first on this node in this minute, and when the limit is near. All others are counted here, told to the server a
/// few times a second, and decided by what it said last. Who is over the limit stays refused for the minute without anybody being asked.
///
/// When the server is away each node counts for itself, on top of what it knew.
public final class SharedCounts: Sendable {
    /// So much more of a key.
    public struct Addition: Sendable {
        public let key: String
        /// Minutes since 1970.
        public let minute: Int
        public let amount: Int
        /// Whether this node has not told of the key in this minute before.
        public let isFirst: Bool
    }

    /// Adds, and calls back with the sum of each, in the order in which it was added; with nil when that cannot be known.
    public typealias Add = @Sendable (_ additions: [Addition], _ done: @escaping @Sendable ([Int]?) -> Void) -> Void

    fileprivate struct Count {
        /// What was counted here, and how much of that the server was told, and how much of it has been answered.
        var own = 0
        var told = 0
        var answered = 0
        /// What the other nodes have counted, as far as known.
        var others = 0
        var sum: Int { own + others }
    }

    fileprivate struct State {
        var minute = 0
        var counts: [String: Count] = [:]
        /// What `settle` has to tell.
        var untold: [String] = []
        var isAwake = false
    }

    static let mostKeys = 50_000
    /// No sum of a minute is larger. What the server says is bounded by it: others may write there, and numbers that are added to ours must not
    /// overflow.
    static let largestSum = 1_000_000_000
    private let state = Mutex(State())
    /// For keys that find no room.
    private let rest = PeriodCounts(of: PeriodCounts.minute)
    private let add: Add
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - wake: asks for a call of `settle` soon; called on any thread.
    public init(wake: @escaping @Sendable () -> Void, _ add: @escaping Add) {
        self.wake = wake
        self.add = add
    }

    /// Counts one more and gives the sum of this minute on all nodes, as it is known to the one who has to decide by it.
    func count(_ key: String, of limit: Int, at milliseconds: Int) async -> Int {
        switch countHere(key, of: limit, milliseconds / 60_000) {
        case .known(let sum): return sum
        case .noRoom: return rest.count(key, at: milliseconds)
        case .ask(let addition):
            return await withUnsafeContinuation { continuation in
                add([addition]) { sums in continuation.resume(returning: self.take(sums, for: [addition])[0]) }
            }
        }
    }

    /// Tells the server what has been counted meanwhile. To be called soon after `wake`, but not more often than some fifty times a second.
    public func settle() {
        let additions = state.withLock { state in
            defer { (state.untold, state.isAwake) = ([], false) }
            return state.untold.compactMap { state.addition($0) }
        }
        guard !additions.isEmpty else { return }
        add(additions) { sums in _ = self.take(sums, for: additions) }
    }

    // MARK: - The sums

    private enum Outcome {
        case known(Int), ask(Addition), noRoom
    }

    private func countHere(_ key: String, of limit: Int, _ minute: Int) -> Outcome {
        let (outcome, wakes) = state.withLock { state -> (Outcome, Bool) in
            if state.minute != minute { state = State(minute: minute, isAwake: state.isAwake) }
            guard state.counts[key] != nil || state.counts.count < Self.mostKeys else { return (.noRoom, false) }
            state.counts[key, default: Count()].own += 1
            guard let count = state.counts[key] else { return (.noRoom, false) }
            if count.sum > limit { return (.known(count.sum), false) }
            if count.told == 0 || count.sum > limit - max(limit / 10, 16), let addition = state.addition(key) {
                return (.ask(addition), false)
            }
            if count.own - count.told == 1 { state.untold.append(key) }
            defer { state.isAwake = true }
            return (.known(count.sum), !state.isAwake)
        }
        if wakes { wake() }
        return outcome
    }

    /// Takes the server's sums, and gives those that count here. What was told and not answered may have been added or not: it is taken as
    /// added, since otherwise a caller could be refused for what they did not do.
    private func take(_ sums: [Int]?, for additions: [Addition]) -> [Int] {
        let sums = sums.flatMap { $0.count == additions.count ? $0.map { min(max($0, 0), Self.largestSum) } : nil }
        return state.withLock { state in
            additions.enumerated().map { index, addition in
                guard state.minute == addition.minute, var count = state.counts[addition.key] else {
                    return sums?[index] ?? addition.amount
                }
                count.answered += addition.amount
                // Answers come in the order of the additions, so what the server has of ours is just what it has answered. It may have less
                // than before, when it has lost its memory.
                if let sums { count.others = max(count.others, sums[index] - count.answered) }
                state.counts[addition.key] = count
                return count.answered + count.others
            }
        }
    }
}

extension SharedCounts.State {
    /// What is still to be told of a key, which counts as told from now on.
    fileprivate mutating func addition(_ key: String) -> SharedCounts.Addition? {
        guard let count = counts[key], count.own > count.told else { return nil }
        counts[key]?.told = count.own
        return SharedCounts.Addition(key: key, minute: minute, amount: count.own - count.told, isFirst: count.told == 0)
    }
}
