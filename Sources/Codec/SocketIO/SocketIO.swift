/// Socket.IO, version 5 of its protocol: named events with arguments, acknowledgements and namespaces, in messages of Engine.IO. Here are
/// its packets as bytes; the server that speaks them is in `HTTP/SocketIO`.
public enum SocketIO {
    /// A packet: a namespace, and what is told there.
    public struct Packet: Equatable, Sendable {
        public enum Content: Equatable, Sendable {
            /// A client asks to come in, with what it shows; a server answers with the socket's id.
            case connect(Value?)
            case disconnect
            /// A named event. With an `id` the sender wants to be answered with an `ack` of that number.
            case event(String, [Value], id: Int?)
            case ack([Value], id: Int)
            case connectError(Value)
        }

        public var namespace: String
        public var content: Content

        public init(_ content: Content, in namespace: String = SocketIO.main) {
            self.namespace = namespace
            self.content = content
        }
    }

    /// The namespace that needs no name on the wire.
    public static let main = "/"

    /// How much a packet may hold.
    public struct Bounds: Sendable {
        /// Binary values in one packet.
        public var attachments = 16
        /// All bytes of a packet and its attachments together.
        public var bytes = 1_000_000
        /// Bytes of a namespace's name.
        public var namespace = 128

        public init() {}
    }

    /// Why a message is no packet. The connection that it came on is of no more use.
    public enum Fault: Error, Equatable, Sendable {
        case empty
        case unknownType
        case badAttachmentCount
        case tooManyAttachments
        case namespaceTooLong
        /// A namespace that is not UTF-8, or has too many combining marks in a row.
        case badNamespace
        case badID
        /// The payload is no JSON, or not of the form that its type needs.
        case badPayload
        /// An event whose name is none, or is one that only the library itself tells.
        case badEventName
        /// A placeholder for a binary value that is not there, or one for a value that another has taken.
        case badPlaceholder
        /// Text where binary values were to come.
        case missingAttachment
        /// Binary where none was announced.
        case unexpectedBinary
        case tooLarge
    }

    /// Names that the clients' libraries use for what happens to a socket; nobody sends them.
    static var reservedEvents: [StaticString] {
        ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]
    }

    /// The digits on the wire.
    enum Kind: UInt8 {
        case connect = 0
        case disconnect, event, ack, connectError, binaryEvent, binaryAck

        var isBinary: Bool { self == .binaryEvent || self == .binaryAck }
    }
}
