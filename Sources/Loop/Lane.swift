/// One thread that runs what it is given, in order: for work that blocks and must not run beside itself, such as the only
/// writer of a database file. It is an executor, so an actor or a task can live on it.
public final class Lane: TaskExecutor, SerialExecutor {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct Queue {
        var items: [Item] = []
        var isStopping = false
    }

    private let queue = Locked(Queue())
    private let filled = Condition()
    private let thread: Thread

    /// Makes the lane and starts its thread.
    /// - Parameter niceness: see `Thread`.
    public init(named name: String, niceness: Int = 0) {
        let queue = queue
        let filled = filled
        let executor = Unowned()
        thread = Thread(named: name, niceness: niceness) { Self.drain(queue, filled, as: executor) }
        executor.lane = self
    }

    /// The lane as its own thread knows it. The thread runs no job before one was enqueued, which takes a finished lane, and
    /// none after `stop()` has joined it; so the reference is set and alive whenever it is read.
    //
    // `@unchecked Sendable`: written once in `init`; the queue's lock orders that before any read.
    private final class Unowned: @unchecked Sendable {
        unowned(unsafe) var lane: Lane!
    }

    private static func drain(_ queue: Locked<Queue>, _ filled: Condition, as executor: Unowned) {
        while let items = take(from: queue, filled) {
            for item in items {
                switch item {
                case .job(let job):
                    job.runSynchronously(
                        isolatedTo: executor.lane.asUnownedSerialExecutor(), taskExecutor: executor.lane.asUnownedTaskExecutor())
                case .work(let work): work()
                }
            }
        }
    }

    /// Waits for items and takes all; nil when the lane has stopped and nothing is left.
    private static func take(from queue: Locked<Queue>, _ filled: Condition) -> [Item]? {
        queue.wait(on: filled) { queue -> [Item]?? in
            if queue.items.isEmpty { return queue.isStopping ? .some(nil) : nil }
            defer { queue.items = [] }
            return .some(queue.items)
        }
    }

    public func enqueue(_ job: consuming ExecutorJob) { append(.job(UnownedJob(job))) }

    /// Runs `work` on the lane, after what is there already. Not after `stop()`: nobody would run it.
    public func submit(_ work: @escaping @Sendable () -> Void) { append(.work(work)) }

    private func append(_ item: Item) {
        queue.withLock { $0.items.append(item) }
        filled.signal()
    }

    /// Runs `work` on the lane and waits for its result without blocking.
    public func run<Result: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let result = await withUnsafeContinuation { (continuation: UnsafeContinuation<Swift.Result<Result, Failure>, Never>) in
            submit { continuation.resume(returning: Swift.Result(catching: work)) }
        }
        return try result.get()
    }

    /// Ends the lane's thread after what was handed over, and waits for it. Once, and not on the lane itself.
    public func stop() {
        queue.withLock { $0.isStopping = true }
        filled.signal()
        thread.join()
    }
}
