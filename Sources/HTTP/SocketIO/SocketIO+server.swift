public import Codec
internal import Loop

extension SocketIO {
    public struct Options: Sendable {
        public var engine = EngineIO.Options()
        /// How long a client may take to come into a namespace.
        public var connectTimeout = Duration.seconds(45)
        /// How much a packet may hold. Its bytes are bounded by `engine.maxPayload` too.
        public var bounds = Bounds()
        /// What events that wait for a socket's task may take in memory before nothing more is read from its client; for strangers 64 KiB.
        public var inboxLimit = 256 * 1024
        /// Told of every error of an `Accept` that is no refusal; the client is told nothing of it.
        public var report: @Sendable (any Error) -> Void = { _ in }

        public init() {}
    }

    /// Somebody who asks to come into a namespace.
    public struct Entry: Sendable {
        public let namespace: String
        /// What the client shows: the `auth` of its options. An empty object when it shows nothing. An application takes out of it what it
        /// needs, such as a token, and keeps no more: clients may show what they like.
        public let auth: Value
        /// The request that opened the client's session.
        public let opening: EngineIO.Opening
    }

    /// What a client showed, to be looked at once.
    final class ShownOnce: Sendable {
        private let entry: Locked<Entry?>

        init(_ entry: Entry) { self.entry = Locked(entry) }

        func take() -> Entry? { entry.withLock { $0.take() } }
    }

    /// An entry that is not allowed, thrown by an `Accept`. The client's `connect_error` tells of it.
    public struct Denial: Error, Sendable {
        public var message: String
        public var data: Value?

        public init(_ message: String, data: Value? = nil) {
            self.message = message
            self.data = data
        }
    }

    /// Lets somebody into a namespace, by giving what serves them, or throws a `Denial`.
    public typealias Accept = @Sendable (Entry) async throws -> Serving
    /// Serves a socket. When it returns, the socket is disconnected.
    public typealias Serving = @Sendable (Socket) async -> Void

    /// A Socket.IO server, as the routes know it.
    ///
    ///     let chat = SocketIO.Server { socket in
    ///         socket.emit("welcome", ["you": .text(socket.id)])
    ///         while true {
    ///             switch await socket.next() {
    ///             case .event(let event):
    ///                 print(event.name, event.arguments)
    ///                 event.acknowledge(true)
    ///             case .poke: continue                    // somebody called `socket.poke()`
    ///             case .end: return
    ///             }
    ///         }
    ///     }
    ///     routes.socketIO("/socket.io", .everyone, "Chat", chat)
    public final class Server: Sendable {
        public let engine: EngineIO.Server

        /// A server with these namespaces. Who asks for another hears "Invalid namespace".
        public init(_ options: Options = .init(), _ namespaces: [String: Accept]) {
            var options = options
            options.bounds.bytes = min(options.bounds.bytes, options.engine.maxPayload)
            let settled = options
            let named = Dictionary(uniqueKeysWithValues: namespaces.map { (ByteName($0.key), $0.value) })
            engine = EngineIO.Server(options.engine) { Client($0, settled, named) }
        }

        /// A server with the main namespace alone, into which everybody may come.
        public convenience init(_ options: Options = .init(), _ serve: @escaping Serving) {
            self.init(options, [SocketIO.main: { _ in serve }])
        }

        /// Ends every session, as when the server stops.
        public func closeAll() { engine.closeAll() }
    }
}
