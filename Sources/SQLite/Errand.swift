internal import Storage
internal import Synchronization

/// A body that waits for a lane, and the caller who waits for its answer.
//
// `@unchecked Sendable`: after `init` it is touched by the lane alone; the lane's queue orders that.
final class Errand<Answer: Sendable>: AnyErrand, @unchecked Sendable {
    private let body: @Sendable (Connection) async throws -> Answer
    private let continuation: UnsafeContinuation<Answer, any Error>
    private var outcome: Result<Answer, any Error>?
    /// Whether the body that was begun last has still to say how it ended. One that was given up may end much later, on any day.
    private var isAwaited = false
    let cancellation: Cancellation?
    let deadline: UInt64?
    private(set) var runs = 0

    init(
        _ body: @escaping @Sendable (Connection) async throws -> Answer, _ continuation: UnsafeContinuation<Answer, any Error>,
        _ cancellation: Cancellation? = nil, until deadline: UInt64? = nil
    ) {
        self.body = body
        self.continuation = continuation
        self.cancellation = cancellation
        self.deadline = deadline
    }

    func run(_ db: Connection) async -> Bool {
        runs += 1
        isAwaited = true
        let run = runs
        let outcome: Result<Answer, any Error>
        do { outcome = .success(try await body(db)) } catch { outcome = .failure(error) }
        guard isAwaited && run == runs else { return false }
        isAwaited = false
        self.outcome = outcome
        if case .success = outcome { return true }
        return false
    }

    func fail(_ error: any Error) {
        outcome = .failure(error)
        isAwaited = false
    }

    func answer() {
        guard let outcome else { preconditionFailure("an errand is answered before it was run") }
        continuation.resume(with: outcome)
    }
}

/// An errand, whatever it brings back.
protocol AnyErrand: AnyObject, Sendable {
    var cancellation: Cancellation? { get }
    /// When it must have ended, where that is sooner than its lane asks.
    var deadline: UInt64? { get }
    /// How many times the body was begun.
    var runs: Int { get }
    /// Runs the body and keeps its outcome, unless it was failed before it came to its end. False when it threw.
    func run(_ db: Connection) async -> Bool
    /// Replaces the outcome, also that of a body which has not ended yet.
    func fail(_ error: any Error)
    /// Gives the outcome to the caller. Once.
    func answer()
}

/// Whether the caller has lost interest. From any thread.
final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    var isCancelled: Bool { flag.load(ordering: .relaxed) }
    func cancel() { flag.store(true, ordering: .relaxed) }
}
