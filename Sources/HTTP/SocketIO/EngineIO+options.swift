public import Codec
public import Loop

extension EngineIO {
    public struct Options: Sendable {
        /// From the beginning, or from an answered ping, to the next ping.
        public var pingInterval = Duration.seconds(25)
        /// How long a ping's answer may take before the client counts as gone.
        public var pingTimeout = Duration.seconds(20)
        /// How long a client may take from opening a WebSocket beside its polls to going over to it.
        public var upgradeTimeout = Duration.seconds(10)
        /// The largest body or message of a client.
        public var maxPayload = 1_000_000
        /// What may wait for a client before it counts as one that does not read, and is let go. Who sends more than this without
        /// awaiting anything in between sends more than any client can take.
        public var sendLimit = 1024 * 1024
        /// Sessions in all, and for one client address (IPv6: one /64); 0 for no bound. A session of long polling holds no connection,
        /// so the bounds on those do not count it.
        public var sessions = 20_000
        public var sessionsPerAddress = 1024
        /// What ids begin with, so that a proxy before several nodes can tell them apart. Letters, digits, `-` and `_`.
        public var node = ""
        /// Whether WebSocket messages may be compressed, and at most with what memory; nil for never.
        public var deflate: DeflateAgreement.Limits?
        /// What clients may cost that the application has not recognized yet; nil where it recognizes nobody.
        public var strangers: Strangers?
        /// Counts an opening, and each POST of a stranger, before anything is done for it. Throws a `Refusal` when there were too many.
        public var count: (@Sendable (Request) async throws -> Void)?
        /// Whether a client may open a session; who may not is answered 403. Nil for everybody.
        public var admits: (@Sendable (Request) -> Bool)?

        public init() {}
    }

    /// What a client may cost from whom nothing is known but an address: it has opened a session, and `Session.recognize` was not called.
    public struct Strangers: Sendable {
        /// The largest body or message of one.
        public var maxPayload = 16 * 1024
        /// What may wait for one before its session ends.
        public var sendLimit = 64 * 1024
        /// How long a session may stay a stranger's. Then it ends.
        public var time = Duration.seconds(45)
        /// Sessions of strangers for one client address (IPv6: one /64).
        public var sessionsPerAddress = 64

        public init() {}
    }

    /// How a session came to its end.
    public enum End: Sendable, Equatable {
        /// The client said so.
        case clientClosed
        /// We said so.
        case serverClosed
        /// The transport went away: a connection was cut, a poll given up.
        case transportLost
        /// A ping was not answered in time.
        case pingTimeout
        /// The client broke the protocol: a packet that is none, or two polls at once.
        case badPacket
        /// The client does not read what it is sent.
        case tooSlow
    }

    /// What is known of a client from the request that opened its session. It is kept as long as the session, so it holds what an
    /// application asks for and no more, and of that 8 KiB at most.
    public struct Opening: Sendable {
        public let address: IPAddress
        public let isEncrypted: Bool
        /// The query's pairs, without those of the protocol.
        public let query: [(name: String, value: String)]
        /// The `Authorization` field.
        public let authorization: String?

        private static let mostBytes = 8 * 1024
        private static let protocolNames: [StaticString] = ["EIO", "transport", "sid", "t", "j", "b64"]

        /// The value of a parameter.
        public subscript(name: StaticString) -> String? { query.first { $0.name.equals(name) }?.value }

        /// The client's network, which is what a limit counts.
        public var networkText: String { address.networkText }

        init(_ request: Request, _ query: [(String, String)]) {
            address = request.address
            isEncrypted = request.isEncrypted
            var room = Self.mostBytes
            self.query = query.compactMap { pair in
                guard !Self.protocolNames.contains(where: { pair.0.equals($0) }) else { return nil }
                return Self.takes(pair.0.utf8.count + pair.1.utf8.count + 64, &room) ? (name: pair.0, value: pair.1) : nil
            }
            authorization = request[.authorization].flatMap { Self.takes($0.utf8.count, &room) ? $0 : nil }
        }

        private static func takes(_ count: Int, _ room: inout Int) -> Bool {
            guard count <= room else { return false }
            room -= count
            return true
        }
    }

    /// Who hears what a client says. It is called on the loop that the client's transport is on, and must not wait.
    public protocol Receiver: AnyObject, Sendable {
        func received(text: [UInt8])
        func received(binary: [UInt8])
        /// Whether it has as much as it can hold: then nothing more is read from the client until `Session.readOn()`.
        var isFull: Bool { get }
        /// The last call.
        func ended(_ end: End)
    }
}
