/// How patient a client is, and how much it takes on.
public struct RedisLimits: Sendable {
    /// Nanoseconds for the connection and the greeting.
    public var connectTime: UInt64 = 2_000_000_000
    /// Nanoseconds after which a server that owes an answer counts as gone. Who waits for the answer waits no longer than that.
    public var answerTime: UInt64 = 1_000_000_000
    /// Nanoseconds of silence after which a server is asked whether it is there.
    public var quietTime: UInt64 = 2_000_000_000
    /// Questions that may wait for their answers.
    public var mostQuestions = 20_000
    /// Bytes that may wait to be sent.
    public var mostBytes = 4 * 1024 * 1024

    public init() {}
}
