/// The few threads on which work may block: password hashes, files, name look-ups, mail parsing.
///
/// Its queue is bounded. A full one refuses at once, which a face answers with 503: a server that is asked for more hashes
/// than it can make must say so while it still can, and not queue them until every caller has given up.
public final class BlockingPool: Sendable {
    /// The queue is full, or the pool is being stopped.
    public struct Full: Error {}

    private struct Queue {
        var waiting: [@Sendable () -> Void] = []
        var next = 0
        var isStopping = false

        var count: Int { waiting.count - next }

        mutating func take() -> (@Sendable () -> Void)? {
            guard next < waiting.count else { return nil }
            defer {
                next += 1
                if next == waiting.count {
                    waiting.removeAll(keepingCapacity: true)
                    next = 0
                }
            }
            return waiting[next]
        }
    }

    private let queue = Monitor(Queue())
    private let bound: Int
    private let threads: [Thread]

    /// - Parameter bound: how many pieces of work may wait, beside those that run.
    public init(threads count: Int, bound: Int) {
        self.bound = bound
        let queue = queue
        threads = (0..<count).map { index in
            Thread(named: "blocking-\(index)") {
                while true {
                    let work: (@Sendable () -> Void)? = queue.wait { queue -> (@Sendable () -> Void)?? in
                        if let work = queue.take() { return .some(work) }
                        return queue.isStopping ? .some(nil) : nil
                    }
                    guard let work else { return }
                    work()
                }
            }
        }
    }

    /// Runs `work` on one of the pool's threads; the caller's task comes back to its own loop. Throws `Full` without running it.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Result, any Error>) in
            let isTaken = submit { continuation.resume(with: Swift.Result(catching: work)) }
            if !isTaken { continuation.resume(throwing: Full()) }
        }
    }

    /// Hands `work` over and waits for nothing. False, and not run, when the queue is full.
    public func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        queue.change { queue in
            guard !queue.isStopping, queue.count < bound else { return false }
            queue.waiting.append(work)
            return true
        }
    }

    /// How many pieces of work wait.
    public var waiting: Int { queue.change { $0.count } }

    /// Lets what waits run, then ends the threads and waits for them.
    public func stop() {
        queue.changeForAll { $0.isStopping = true }
        for thread in threads { thread.join() }
    }
}
