/// A database that use cases read and write.
///
/// A body awaits only its connection. It may run more than once, so it changes nothing but the database; its result counts when
/// the call returns. What it throws is thrown on, and nothing of it is kept. Otherwise a call throws `StorageFault`.
public protocol Database: Sendable {
    var engine: Engine { get }

    /// Short questions that an index answers. What turns out slow is moved out of the others' way, so it works, but `scan` says it.
    /// Two statements of one body may see different moments.
    /// - Parameter owner: whose question it is, where it turns out slow.
    func read<Result: Sendable>(
        for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result

    /// One transaction. When this returns, the change is there and survives a power cut. A cancelled caller does not stop it.
    @discardableResult func write<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result

    /// Questions that take long: reports, exports, search. All statements of one body see the same moment.
    /// Throws `CancellationError` when the caller is cancelled.
    /// - Parameters:
    ///   - milliseconds: how long it may take as a whole, from this call on and what it waits included, where that is less than scans may
    ///     take; then it throws `.timeout`.
    ///   - owner: whose question it is: one of theirs runs at a time. Throws `.busy` when too many wait.
    func scan<Result: Sendable>(
        within milliseconds: Int?, for owner: ScanOwner, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result

    /// What is wrong with the database as far as is known without asking it; looked at from time to time, from any thread.
    var problems: [DatabaseProblem] { get }

    /// Gives back what is kept at hand for questions, where few have come lately. Called every few seconds, from any thread.
    func releaseUnusedMemory()

    /// Leaves nothing of what was erased in the database's own log of changes, as far as nobody reads it just now.
    func forgetErased() async

    /// Ends what the database holds open, after what was begun. Once, and nothing is asked of it afterwards.
    func close() async
}

extension Database {
    /// A read of the server's own.
    public func read<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        try await read(for: .server, body)
    }

    /// A scan of the server's own that may take as long as scans may.
    public func scan<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        try await scan(within: nil, for: .server, body)
    }

    public var problems: [DatabaseProblem] { [] }

    public func releaseUnusedMemory() {}

    public func forgetErased() async {}
}
