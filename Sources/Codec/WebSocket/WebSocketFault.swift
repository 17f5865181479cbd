/// Why a WebSocket connection has to end: the close code to send, and a sentence for the other side and for the log.
public struct WebSocketFault: Error, Equatable {
    public let code: CloseCode
    public let reason: String

    public init(_ code: CloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// The number a close frame carries (RFC 6455 section 7.4, and IANA's registry for those that came later).
public struct CloseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The conversation is over.
    public static let normal = CloseCode(rawValue: 1000)
    /// The server stops, or the page was left.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// Somebody broke the framing rules.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// This kind of data is not taken here.
    public static let unsupported = CloseCode(rawValue: 1003)
    /// The data is not what its frame says it is: text that is not UTF-8, or bytes that do not inflate.
    public static let invalidData = CloseCode(rawValue: 1007)
    /// A rule of ours was broken, and no other code fits.
    public static let policy = CloseCode(rawValue: 1008)
    /// The message is larger than we take.
    public static let tooBig = CloseCode(rawValue: 1009)
    /// Something failed on our side.
    public static let internalError = CloseCode(rawValue: 1011)
    /// The server restarts; come back after a moment.
    public static let restarting = CloseCode(rawValue: 1012)
    /// The server has too much to do; come back later.
    public static let tryLater = CloseCode(rawValue: 1013)

    /// Whether a frame may carry it. 1004, 1005, 1006 and 1015 are words for programs, never for the wire;
    /// 1016 to 2999 belong to future versions of the protocol.
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
