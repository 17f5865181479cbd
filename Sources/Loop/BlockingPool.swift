/// The few threads on which work may block: password hashes, files, name look-ups, mail parsing.
///
/// Its queue is bounded. A full one refuses at once, which a face answers with 503: a server that is asked for more hashes
/// than it can make must say so while it still can, and not queue them until every caller has given up.
public final class BlockingPool: Sendable {
    /// The queue is full, or the pool is being stopped.
    public struct Full: Error {}

    public typealias Work = @Sendable () -> Void

    private struct Queue {
        /// The oldest first. Bounded and short, so moving the rest up costs nothing beside the work itself.
        var waiting: [Work] = []
        var isStopping = false
        /// Threads that are at work.
        var busy = 0
    }

    private let queue = Locked(Queue())
    private let filled = Condition()
    private let bound: Int
    private let count: Int
    private let threads: [Thread]

    /// - Parameters:
    ///   - name: what its threads are called, in `top -H` say.
    ///   - niceness: how far its threads give way to the event loops when all want the processor; see `Thread`.
    ///   - bound: how many pieces of work may wait, beside those that run.
    public init(_ name: String = "blocking", threads count: Int, niceness: Int = 0, bound: Int) {
        self.bound = bound
        self.count = count
        let queue = queue
        let filled = filled
        threads = (0..<count).map { index in
            Thread(named: "\(name)-\(index)", niceness: niceness) {
                while let work = Self.take(from: queue, filled) {
                    work()
                    queue.withLock { $0.busy -= 1 }
                }
            }
        }
    }

    /// Waits for the oldest piece of work; nil when the pool has stopped and nothing is left.
    private static func take(from queue: Locked<Queue>, _ filled: Condition) -> Work? {
        queue.wait(on: filled) { queue -> Work?? in
            if !queue.waiting.isEmpty {
                queue.busy += 1
                return .some(queue.waiting.removeFirst())
            }
            return queue.isStopping ? .some(nil) : nil
        }
    }

    /// Runs `work` on one of the pool's threads; the caller's task comes back to its own loop. Throws `Full` without running it.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Result, any Error>) in
            let isTaken = submit { continuation.resume(with: Swift.Result(catching: work)) }
            if !isTaken { continuation.resume(throwing: Full()) }
        }
    }

    /// The same if a thread is free for it now; nil, without running it, if it would have to wait. For what can be done without.
    public func runIfFree<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result? {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Result?, Never>) in
            let isTaken = submit(onlyIfFree: true) { continuation.resume(returning: work()) }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Hands `work` over and waits for nothing. False, and not run, when the queue is full.
    public func submit(_ work: @escaping Work) -> Bool { submit(onlyIfFree: false, work) }

    private func submit(onlyIfFree: Bool, _ work: @escaping Work) -> Bool {
        let isTaken = queue.withLock { queue in
            guard !queue.isStopping, queue.waiting.count < bound else { return false }
            if onlyIfFree, queue.waiting.count + queue.busy >= count { return false }
            queue.waiting.append(work)
            return true
        }
        if isTaken { filled.signal() }
        return isTaken
    }

    /// Whether the next piece of work would be refused.
    public var isFull: Bool { waiting >= bound }

    /// How many pieces of work wait.
    public var waiting: Int { queue.withLock { $0.waiting.count } }

    /// Lets what waits run, then ends the threads and waits for them. Once, and not on a thread of the pool.
    public func stop() {
        queue.withLock { $0.isStopping = true }
        filled.signalAll()
        for thread in threads { thread.join() }
    }
}
