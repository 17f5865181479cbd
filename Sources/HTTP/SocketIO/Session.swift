public import Codec
internal import Loop

extension EngineIO {
    /// A client's session, over long polling or a WebSocket. Whoever has it may send, from any thread; sending never waits.
    ///
    /// It belongs to the loop that opened it: there its heart beats. The client's requests may come on other loops (`SO_REUSEPORT` deals
    /// connections out as it likes), so what they share is behind a lock, and who has something for a connection pokes it.
    public final class Session: Sendable {
        public let id: String
        public let opening: Opening
        let home: EventLoop
        let server: Server
        private let state: Locked<SessionState>

        init(_ id: String, _ opening: Opening, _ transport: SessionState.Transport, on home: EventLoop, of server: Server) {
            self.id = id
            self.opening = opening
            self.home = home
            self.server = server
            state = Locked(SessionState(transport, server.options, at: MonotonicClock.now))
        }

        /// Home loop only.
        func begin(_ receiver: any Receiver) {
            state.withLock { $0.receiver = receiver }
            beatLater()
        }

        func withState<Result>(_ body: (inout SessionState) -> Result) -> Result { state.withLock { body(&$0) } }

        // MARK: - Sending

        public func send(text: [UInt8]) { send([Packet.text(text).frame]) }
        public func send(binary: [UInt8]) { send([.binary(binary)]) }

        /// Sends frames that stay together. What is volatile is dropped when it could not go at once. Who does not read what it is
        /// sent is let go.
        public func send(_ frames: [Frame], isVolatile: Bool = false) {
            let parcel = SessionState.Parcel(frames, isVolatile: isVolatile)
            switch withState({ $0.take(parcel) }) {
            case .no: return
            case .yes(let wake): wake?.poke()
            case .tooMuch: finish(.tooSlow)
            }
        }

        /// Whether there is a connection to the client now.
        var isListenedTo: Bool { withState { $0.listener != nil } }

        /// Ends the session, once what was sent before is on its way.
        public func close() { withState { $0.beginClosing() }?.poke() }

        /// Ends the session, and tells its client if there is a way to it now.
        func leave() { if isListenedTo { close() } else { finish(.serverClosed) } }

        /// Ends the session now.
        public func finish(_ end: End) {
            guard let (wakes, receiver) = withState({ $0.finish(end) }) else { return }
            server.forget(self)
            receiver?.ended(end)
            for connection in wakes { connection.poke() }
        }

        // MARK: - Who the client is

        /// The application knows who the client is: from now on it has the room of somebody who is known. From any thread.
        public func recognize() {
            guard withState({ $0.recognize() }) else { return }
            server.recognized(self)
            // Who waits for room has more of it now, and a WebSocket takes larger messages once it looks up.
            readOn()
        }

        var isStranger: Bool { withState { $0.isStranger } }

        /// The largest body or message that is taken from the client now.
        var maxPayload: Int {
            guard isStranger, let strangers = server.options.strangers else { return server.options.maxPayload }
            return min(strangers.maxPayload, server.options.maxPayload)
        }

        // MARK: - Receiving

        /// Takes what the client sent, in order, up to what ends the session.
        func receive(_ packet: Packet) {
            guard let receiver = withState({ $0.receiver }) else { return }
            switch packet {
            case .text(let bytes): receiver.received(text: bytes)
            case .binary(let bytes): receiver.received(binary: bytes)
            case .pong: withState { $0.pong(at: MonotonicClock.now) }
            case .noop: return
            case .close: finish(.clientClosed)
            // It is the server that pings, and opens; and to upgrade is for a WebSocket that was probed.
            case .ping, .open, .upgrade: finish(.badPacket)
            }
        }

        /// Whether nothing should be read from the client for now.
        var isFull: Bool { withState { $0.end == nil ? $0.receiver : nil }?.isFull ?? false }

        /// The receiver has room again. From any thread.
        public func readOn() {
            let (post, webSocket) = withState { state -> (Connection?, Connection?) in
                if case .webSocket(let connection) = state.transport { return (state.post, connection) }
                return (state.post, nil)
            }
            post?.poke()
            webSocket?.poke()
        }

        // MARK: - Heartbeat

        private func beatLater() {
            let next = withState { $0.end == nil ? $0.nextBeat : nil }
            guard let next else { return }
            let now = MonotonicClock.now
            // Weak: a session that has ended is gone before its last timer.
            home.after(nanoseconds: next > now ? next &- now : 0) { [weak self] in self?.beat() }
        }

        private func beat() {
            switch withState({ $0.beat(at: MonotonicClock.now) }) {
            case .wait: break
            case .ping: send([Packet.ping([]).frame])
            case .dead: return finish(.pingTimeout)
            case .unrecognized: return leave()
            }
            beatLater()
        }

        /// Whether it is over, though its timer may not have found out yet.
        func isOver(at now: UInt64) -> Bool {
            if withState({ $0.isDead(at: now) }) { finish(.pingTimeout) }
            return withState { $0.end != nil }
        }
    }
}
