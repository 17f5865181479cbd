public import Codec

// An event as it comes from one client, and as it goes to many.

extension SocketIO.Socket {
    /// What a client said.
    public struct Event: Sendable {
        public let name: String
        public let arguments: [SocketIO.Value]
        private let id: Int?
        private let socket: SocketIO.Socket
        /// What it takes in memory while it waits to be heard.
        let size: Int

        init(_ name: String, _ arguments: [SocketIO.Value], _ id: Int?, for socket: SocketIO.Socket) {
            self.name = name
            self.arguments = arguments
            self.id = id
            size = 512 + name.utf8.count + SocketIO.Value.list(arguments).memory
            self.socket = socket
        }

        /// Whether the client waits for an answer.
        public var wantsAcknowledgement: Bool { id != nil }

        /// Answers the client, if it wants to be. To be called once.
        public func acknowledge(_ arguments: SocketIO.Value...) { acknowledge(with: arguments) }

        public func acknowledge(with arguments: [SocketIO.Value]) {
            if let id { socket.acknowledge(arguments, id) }
        }
    }
}

extension SocketIO {
    /// An event that is sent to many: written once, and its bytes are shared by all who are still to get it.
    public struct Announcement: Sendable {
        public let namespace: String
        let frames: [EngineIO.Frame]

        public init(_ name: String, _ arguments: [Value], in namespace: String = SocketIO.main) {
            self.namespace = namespace
            frames = Packet(.event(name, arguments, id: nil), in: namespace).frames
        }
    }
}
