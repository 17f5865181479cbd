internal import Codec
public import HTTP

/// Those who run the server, and so may see how it is doing: whoever asks from this very machine, and whoever brings the metrics token.
public struct Operators: Sendable {
    private let isToken: @Sendable (UnsafeRawBufferPointer) -> Bool

    /// - Parameter isToken: compares in a time that tells nothing of ours; false where no token is set.
    public init(isToken: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool) { self.isToken = isToken }

    /// Whether the request is an operator's. A bad credential is no credential: for routes that look at none.
    public func include(_ request: Request) -> Bool { request.isLocal || holdsToken(request) }

    /// Lets an operator's request pass and refuses every other with 401; an operator with a bad credential too.
    public func admit(_ request: Request) throws(Refusal) {
        guard request.has(.authorization) ? holdsToken(request) : request.isLocal else { throw .unauthorized() }
    }

    func holdsToken(_ request: Request) -> Bool { request.withBearer(isToken) ?? false }
}

extension Access {
    /// Operators only.
    public static let operators = Access("operators", needsCredential: true)
}
