/// Why another machine gave no answer. An answer that says no is an answer: its status tells.
public enum ClientFault: Error, Equatable, Sendable {
    /// What was to be sent cannot be: no address of `http` or `https`, or a field that would break the head.
    case malformed
    /// The name has no address now.
    case unknownHost
    /// Nobody listens there, or there is no way to them.
    case unreachable
    /// The rules do not let us speak to the address that the name stands for.
    case peerRefused
    /// The other side could not prove who it is, or speaks no TLS that we do.
    case untrusted(String)
    case timedOut
    case tooLarge
    /// The caller's task was cancelled.
    case cancelled
    /// Anything else, in libcurl's words: a connection that broke, an answer that is none.
    case broken(String)
}

extension ClientFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed: "this cannot be sent"
        case .unknownHost: "the name has no address"
        case .unreachable: "no connection could be made"
        case .peerRefused: "the address is one that must not be called"
        case .untrusted(let why): "not trusted: \(why)"
        case .timedOut: "no answer in time"
        case .tooLarge: "the answer is too large"
        case .cancelled: "cancelled"
        case .broken(let why): "the exchange failed: \(why)"
        }
    }
}
