internal import Codec
internal import Loop

extension SocketIO {
    /// A client's side of a session: it takes packets apart, and knows the client's sockets, one for each namespace it is in.
    final class Client: EngineIO.Receiver {
        private struct State {
            var reader: Reader
            /// Bytes of the packet that is being read.
            var arrived = 0
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
            session.home.after(nanoseconds: options.connectTimeout.nanoseconds) { [weak self] in
                guard let self, self.state.withLock({ $0.sockets.isEmpty && !$0.hasEnded }) else { return }
                session.close()
            }
        }

        // MARK: - What the session tells

        func received(text: [UInt8]) {
            receive(text.count) { reader in try text.withUnsafeBytes { try reader.read(text: $0) } }
        }

        func received(binary: [UInt8]) {
            receive(binary.count) { reader in try reader.read(binary: binary) }
        }

        /// A client that sends what no packet is has lost the thread, and only a new session can find it.
        private func receive(_ count: Int, _ read: (inout Reader) throws -> Packet?) {
            do {
                let packet = try state.withLock { state -> (Packet, size: Int)? in
                    state.arrived += count
                    guard let packet = try read(&state.reader) else { return nil }
                    defer { state.arrived = 0 }
                    return (packet, state.arrived)
                }
                guard let (packet, size) = packet, !handle(packet, size) else { return }
            } catch {}
            session.finish(.badPacket)
        }

        var isFull: Bool { state.withLock { $0.waiting > options.inboxLimit } }

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
        private func handle(_ packet: Packet, _ size: Int) -> Bool {
            if case .connect(let auth) = packet.content { return enter(packet.namespace, auth) }
            let namespace = ByteName(packet.namespace)
            let (found, hasLeft) = state.withLock { ($0.sockets[namespace], $0.left.contains(namespace)) }
            guard let socket = found else { return hasLeft }
            switch packet.content {
            case .event(let name, let arguments, let id):
                // An event is heard with its head's size too, so that a thousand empty ones are not nothing.
                return socket.deliver(Socket.Event(name, arguments, id, size: size + 128, for: socket))
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
            let entry = Entry(namespace: namespace, auth: auth ?? .object([]), opening: session.opening)
            let socket = Socket(entry, of: self)
            let isNew = state.withLock { state in
                guard !state.hasEnded, state.sockets[name] == nil else { return false }
                state.sockets[name] = socket
                state.left.remove(name)
                return true
            }
            guard isNew else { return false }
            _ = session.home.spawn { [options] in await socket.live(accept, entry, report: options.report) }
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
            let hasRoom = state.withLock { state in
                let wasFull = state.waiting > options.inboxLimit
                state.waiting -= size
                return wasFull && state.waiting <= options.inboxLimit
            }
            if hasRoom { session.readOn() }
        }
    }
}
