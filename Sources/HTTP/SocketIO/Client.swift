internal import Codec
internal import Loop

extension SocketIO {
    /// A client's side of a session: it takes packets apart, and knows the client's sockets, one for each namespace it is in.
    final class Client: EngineIO.Receiver {
        private struct State {
            var reader: Reader
            var sockets: [ByteName: Socket] = [:]
            /// Namespaces that we sent the client out of. What it said before it knew is no fault of its.
            var left: Set<ByteName> = []
            /// Bytes of events that wait for a task.
            var waiting = 0
            var hasEnded = false
        }

        let session: EngineIO.Session
        private let options: Options
        private let namespaces: [ByteName: Accept]
        private let state: Locked<State>

        /// Session's loop only.
        init(_ session: EngineIO.Session, _ options: Options, _ namespaces: [ByteName: Accept]) {
            self.session = session
            self.options = options
            self.namespaces = namespaces
            state = Locked(State(reader: Reader(options.bounds)))
            // The client alone is captured, and weakly: a timer must not keep a session that has ended.
            session.home.after(nanoseconds: options.connectTimeout.nanoseconds) { [weak self] in
                guard let self, self.state.withLock({ $0.sockets.isEmpty && !$0.hasEnded }) else { return }
                self.session.close()
            }
        }

        // MARK: - What the session tells

        /// A client that asks to come in shows a token at most.
        private static let mostOfEntry = 16 * 1024

        func received(text: [UInt8]) {
            if text.first == UInt8(ascii: "0"), text.count > Self.mostOfEntry { return session.finish(.badPacket) }
            receive { reader in try text.withUnsafeBytes { try reader.read(text: $0) } }
        }

        func received(binary: [UInt8]) {
            receive { reader in try reader.read(binary: binary) }
        }

        /// A client that sends what no packet is has lost the thread, and only a new session can find it.
        private func receive(_ read: (inout Reader) throws -> Packet?) {
            do {
                guard let packet = try state.withLock({ try read(&$0.reader) }), !handle(packet) else { return }
            } catch {}
            session.finish(.badPacket)
        }

        var isFull: Bool {
            let limit = inboxLimit
            return state.withLock { $0.waiting > limit }
        }

        private var inboxLimit: Int { session.isStranger ? min(options.inboxLimit, Self.strangersInbox) : options.inboxLimit }
        private static let strangersInbox = 64 * 1024

        func ended(_ end: EngineIO.End) {
            let sockets = state.withLock { state -> [Socket] in
                state.hasEnded = true
                defer { state.sockets = [:] }
                return Array(state.sockets.values)
            }
            for socket in sockets { socket.end() }
        }

        // MARK: - Packets

        /// Does what a packet says. False when it must not come now.
        private func handle(_ packet: Packet) -> Bool {
            if case .connect(let auth) = packet.content { return enter(packet.namespace, auth) }
            let namespace = ByteName(packet.namespace)
            let (found, hasLeft) = state.withLock { ($0.sockets[namespace], $0.left.contains(namespace)) }
            guard let socket = found else { return hasLeft }
            switch packet.content {
            case .event(let name, let arguments, let id):
                return socket.deliver(Socket.Event(name, arguments, id, for: socket))
            case .ack(let arguments, let id): socket.deliver(arguments, to: id)
            case .disconnect:
                remove(socket)
                state.withLock { _ = $0.left.remove(namespace) }
                socket.end()
            case .connect, .connectError: return false
            }
            return true
        }

        private func enter(_ namespace: String, _ auth: Value?) -> Bool {
            let name = ByteName(namespace)
            guard let accept = namespaces[name] else {
                send(Packet(.connectError(["message": "Invalid namespace"]), in: namespace))
                return true
            }
            let socket = Socket(in: namespace, of: self)
            let isNew = state.withLock { state in
                guard !state.hasEnded, state.sockets[name] == nil else { return false }
                state.sockets[name] = socket
                state.left.remove(name)
                return true
            }
            guard isNew else { return false }
            let shown = ShownOnce(Entry(namespace: namespace, auth: auth ?? .object([]), opening: session.opening))
            _ = session.home.spawn { [options] in await socket.live(accept, shown, report: options.report) }
            return true
        }

        /// Whether the socket may begin: the client is still there, and has not taken it back.
        func letIn(_ socket: Socket) -> Bool {
            guard state.withLock({ $0.sockets[ByteName(socket.namespace)] === socket }) else { return false }
            send(Packet(.connect(["sid": .text(socket.id)]), in: socket.namespace))
            return true
        }

        func deny(_ socket: Socket, _ denial: Denial) {
            guard remove(socket) else { return }
            let data = denial.data.map { [Value.Member("data", $0)] } ?? []
            send(Packet(.connectError(.object([.init("message", .text(denial.message))] + data)), in: socket.namespace))
        }

        /// Forgets a socket. False when that has happened already.
        @discardableResult
        func remove(_ socket: Socket) -> Bool {
            let name = ByteName(socket.namespace)
            return state.withLock { state in
                guard state.sockets[name] === socket else { return false }
                state.sockets[name] = nil
                state.left.insert(name)
                return true
            }
        }

        func send(_ packet: Packet) { session.send(packet.frames) }

        // MARK: - What waits

        func waits(_ size: Int) { state.withLock { $0.waiting += size } }

        /// An event was heard, or never will be.
        func isHeard(_ size: Int) {
            let limit = inboxLimit
            let hasRoom = state.withLock { state in
                let wasFull = state.waiting > limit
                state.waiting -= size
                return wasFull && state.waiting <= limit
            }
            if hasRoom { session.readOn() }
        }
    }
}
