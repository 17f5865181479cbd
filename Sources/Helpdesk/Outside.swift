public import Domain

/// What the desk takes from outside: time, chance, and a thread to wait on. A test brings its own, and lives a month in a second.
public struct Outside: Sendable {
    public var now: @Sendable () -> Moment
    /// A new UUIDv7.
    public var newID: @Sendable () -> UInt128
    /// A new UUIDv4, for what nobody may guess.
    public var newToken: @Sendable () -> UInt128
    /// So many bytes that nobody can guess.
    public var random: @Sendable (Int) -> [UInt8]
    /// Runs what takes long, such as making a text of Markdown, where it holds up nobody. Throws `DeskError.busy` when too much waits already.
    public var offload: @Sendable (_ work: @escaping @Sendable () -> Void) async throws -> Void
    /// The same for the hashing of passwords, which takes so long that nothing else may have to wait behind it.
    public var offloadHash: @Sendable (_ work: @escaping @Sendable () -> Void) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Moment, newID: @escaping @Sendable () -> UInt128, newToken: @escaping @Sendable () -> UInt128,
        random: @escaping @Sendable (Int) -> [UInt8], offload: @escaping @Sendable (@escaping @Sendable () -> Void) async throws -> Void,
        offloadHash: (@Sendable (@escaping @Sendable () -> Void) async throws -> Void)? = nil
    ) {
        self.now = now
        self.newID = newID
        self.newToken = newToken
        self.random = random
        self.offload = offload
        self.offloadHash = offloadHash ?? offload
    }
}
