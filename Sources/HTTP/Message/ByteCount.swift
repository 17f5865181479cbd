/// Counts the bytes of a request that changes something, for whoever bounds how much a caller may write. The access check gives one to the
/// request; reading a body and sending an answer then count by themselves, so that no route can forget to.
public protocol ByteCount: Sendable {
    /// A whole body was read. Throws a `Refusal` when it is too much.
    func came(_ bytes: Int) throws
    /// The change was made, and is answered with so many bytes.
    func answered(_ bytes: Int)
}
