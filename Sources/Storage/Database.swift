/// A database that use cases read and write.
///
/// A body awaits only its connection. It may run more than once, so it changes nothing but the database; its result counts when
/// the call returns. What it throws is thrown on, and nothing of it is kept. Otherwise a call throws `StorageFault`.
public protocol Database: Sendable {
    var engine: Engine { get }

    /// Short questions that an index answers. What turns out slow is moved out of the others' way, so it works, but `scan` says it.
    /// Two statements of one body may see different moments.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result

    /// One transaction. When this returns, the change is there and survives a power cut. A cancelled caller does not stop it.
    @discardableResult func write<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result

    /// Questions that take long: reports, exports, search. All statements of one body see the same moment.
    /// Throws `CancellationError` when the caller is cancelled.
    /// - Parameter milliseconds: how long it may take as a whole, from this call on and what it waits included, where that is less than
    ///   scans may take; then it throws `.timeout`.
    func scan<Result: Sendable>(
        within milliseconds: Int?, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result

    /// Ends what the database holds open, after what was begun. Once, and nothing is asked of it afterwards.
    func close() async
}

extension Database {
    /// A scan that may take as long as scans may.
    public func scan<Result: Sendable>(_ body: @escaping @Sendable (Connection) async throws -> Result) async throws -> Result {
        try await scan(within: nil, body)
    }
}
