/// Engine.IO, version 4 of its protocol: messages between a browser and a server, over long polling first and over a WebSocket as soon
/// as there is one. Here are its packets as bytes; the sessions are in `HTTP/SocketIO`.
public enum EngineIO {
    /// The version of the protocol, as `EIO` in a query tells it.
    public static let version: StaticString = "4"

    /// What one side tells the other. On the wire a digit and what belongs to it: `4hello`, `2probe`, `6`.
    public enum Packet: Equatable, Sendable {
        /// The server's first: JSON, see `Handshake`.
        case open([UInt8])
        case close
        /// From the server for the heartbeat; from a client only to probe a WebSocket, with the word `probe`.
        case ping([UInt8])
        case pong([UInt8])
        /// A message that is text, as UTF-8.
        case text([UInt8])
        case binary([UInt8])
        /// The client has seen the probe's answer and leaves long polling.
        case upgrade
        /// Nothing: it ends a poll.
        case noop
    }

    /// A packet as a transport carries it. What is sent to many is made once: the arrays share their memory.
    public enum Frame: Equatable, Sendable {
        /// With the packet's digit in front. UTF-8.
        case text([UInt8])
        case binary([UInt8])

        public var bytes: [UInt8] {
            switch self {
            case .text(let bytes), .binary(let bytes): bytes
            }
        }
    }

    /// Why bytes are no packet, or no payload.
    public enum Fault: Error, Equatable, Sendable {
        /// Nothing where a packet should be.
        case empty
        /// The first character is no packet's digit.
        case unknownType
        /// A packet that has no data, with data.
        case strayData
        case notUTF8
        case notBase64
        case tooManyPackets
    }

    /// The probe's word (the protocol's section on the upgrade).
    public static let probe = Array("probe".utf8)
}

extension EngineIO.Packet {
    /// Reads a packet that came as text. The bytes must be UTF-8, which whoever received them has checked.
    public init(text bytes: UnsafeRawBufferPointer) throws(EngineIO.Fault) {
        guard let digit = bytes.first else { throw .empty }
        let data = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        switch digit {
        case UInt8(ascii: "0"): self = .open([UInt8](data))
        case UInt8(ascii: "2"): self = .ping([UInt8](data))
        case UInt8(ascii: "3"): self = .pong([UInt8](data))
        case UInt8(ascii: "4"): self = .text([UInt8](data))
        case UInt8(ascii: "1"): self = try Self.bare(.close, data)
        case UInt8(ascii: "5"): self = try Self.bare(.upgrade, data)
        case UInt8(ascii: "6"): self = try Self.bare(.noop, data)
        default: throw .unknownType
        }
    }

    /// Reads a packet that came as text; see above.
    public init(text: [UInt8]) throws(EngineIO.Fault) {
        self = try text.withBytes { (raw) throws(EngineIO.Fault) in try Self(text: raw) }
    }

    private static func bare(_ packet: Self, _ data: UnsafeRawBufferPointer) throws(EngineIO.Fault) -> Self {
        guard data.isEmpty else { throw .strayData }
        return packet
    }

    public var frame: EngineIO.Frame {
        switch self {
        case .open(let data): .text([UInt8(ascii: "0")] + data)
        case .close: .text([UInt8(ascii: "1")])
        case .ping(let data): .text([UInt8(ascii: "2")] + data)
        case .pong(let data): .text([UInt8(ascii: "3")] + data)
        case .text(let data): .text([UInt8(ascii: "4")] + data)
        case .binary(let data): .binary(data)
        case .upgrade: .text([UInt8(ascii: "5")])
        case .noop: .text([UInt8(ascii: "6")])
        }
    }
}
