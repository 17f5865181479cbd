internal import Synchronization

/// Looks whether the server can be of use. Those who ask while a look is under way get what it finds, so that it costs the same however many
/// ask: anybody may.
public final class ReadinessCheck: Sendable {
    /// One thing that must be so for the server to be of use: none when it is, else what is wrong, in sentences for the operator. Every part
    /// that can be in the way brings one: the database, the migrations, the pools.
    public typealias Condition = @Sendable () async -> [String]

    public struct Report: Sendable, Equatable {
        /// Why the server should get no requests now.
        public var faults: [String]
        /// What it lacks or refuses, while the rest works.
        public var shortages: [String]

        public init(faults: [String], shortages: [String]) {
            self.faults = faults
            self.shortages = shortages
        }
    }

    private struct State {
        var isLooking = false
        var waiting: [UnsafeContinuation<Report?, Never>] = []
    }

    private let conditions: [Condition]
    private let comforts: [Condition]
    private let state = Mutex(State())

    /// - Parameter comforts: what makes the server better and is not needed. A balancer that took every node out when Redis goes away, or when
    ///   the disk of a database that all share is full, would make an outage of what is none.
    public init(conditions: [Condition], comforts: [Condition] = []) {
        self.conditions = conditions
        self.comforts = comforts
    }

    public func report() async -> Report {
        let earlier: Report? = await withUnsafeContinuation { continuation in
            let isFirst = state.withLock { state in
                guard state.isLooking else {
                    state.isLooking = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFirst { continuation.resume(returning: nil) }
        }
        if let earlier { return earlier }
        let report = Report(faults: await Self.sentences(conditions), shortages: await Self.sentences(comforts))
        let waiting = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: report) }
        return report
    }

    private static func sentences(_ conditions: [Condition]) async -> [String] {
        var sentences: [String] = []
        for condition in conditions { sentences += await condition() }
        return sentences
    }
}
