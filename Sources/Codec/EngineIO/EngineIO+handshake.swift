extension EngineIO {
    /// What the server tells in its first packet.
    public struct Handshake: Sendable, Equatable {
        public var sid: String
        /// What the client may go over to.
        public var upgrades: [String]
        /// Milliseconds between an answered ping and the next.
        public var pingInterval: Int
        /// Milliseconds that the answer may take.
        public var pingTimeout: Int
        /// The most bytes that a body or a message of the client may have.
        public var maxPayload: Int

        public init(sid: String, upgrades: [String], pingInterval: Int, pingTimeout: Int, maxPayload: Int) {
            self.sid = sid
            self.upgrades = upgrades
            self.pingInterval = pingInterval
            self.pingTimeout = pingTimeout
            self.maxPayload = maxPayload
        }

        public var packet: Packet {
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("sid")
            writer.value(sid)
            writer.key("upgrades")
            writer.beginArray()
            for upgrade in upgrades { writer.value(upgrade) }
            writer.endArray()
            writer.key("pingInterval")
            writer.value(pingInterval)
            writer.key("pingTimeout")
            writer.value(pingTimeout)
            writer.key("maxPayload")
            writer.value(maxPayload)
            writer.endObject()
            return .open(writer.finish())
        }
    }

    /// Why a request is refused: the number and the sentence that the official server answers with, which its clients show.
    public enum Complaint: Int, Error, CaseIterable {
        case unknownTransport = 0
        case unknownSession = 1
        case badHandshakeMethod = 2
        case badRequest = 3
        case forbidden = 4
        case unsupportedVersion = 5

        public var message: StaticString {
            switch self {
            case .unknownTransport: "Transport unknown"
            case .unknownSession: "Session ID unknown"
            case .badHandshakeMethod: "Bad handshake method"
            case .badRequest: "Bad request"
            case .forbidden: "Forbidden"
            case .unsupportedVersion: "Unsupported protocol version"
            }
        }

        public var json: [UInt8] {
            var writer = JSONWriter(capacity: 64)
            writer.beginObject()
            writer.key("code")
            writer.value(rawValue)
            writer.key("message")
            writer.value(message)
            writer.endObject()
            return writer.finish()
        }
    }
}
