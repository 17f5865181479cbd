internal import Codec
internal import Loop

// A session over a WebSocket: from its first request on, or after a client of long polling has tried one out.

extension EngineIO.Session {
    /// Serves a session that was opened over this WebSocket.
    func serve(_ socket: WebSocketSession, _ connection: Connection, _ opening: EngineIO.Frame) async {
        Self.send(opening, over: socket)
        await exchange(socket, connection)
    }

    /// Serves a WebSocket beside long polling. The client sends `2probe`, hears `3probe`, lets its poll end, and says `5`: from then on
    /// the session is here. Whoever says something else is sent away, and goes on polling.
    func probe(_ socket: WebSocketSession, _ connection: Connection) async {
        guard beginProbe(connection) else { return }
        connection.loop.after(nanoseconds: server.options.upgradeTimeout.nanoseconds) { [weak self, weak connection] in
            guard let self, let connection, self.withState({ $0.giveUp(connection) }) else { return }
            connection.wake()
        }
        while withState({ $0.probe === connection && $0.end == nil && !$0.isClosing }) {
            switch await socket.next() {
            case .poke: continue
            case .message(let message):
                if Self.isProbe(message), answerProbe(connection) {
                    Self.send(EngineIO.Packet.pong(EngineIO.probe).frame, over: socket)
                } else if Self.packet(message) == .upgrade, upgrade(to: connection) {
                    return await exchange(socket, connection)
                } else {
                    _ = withState { $0.giveUp(connection) }
                }
            case .end: _ = withState { $0.giveUp(connection) }
            }
        }
        _ = withState { $0.giveUp(connection) }
    }

    private func beginProbe(_ connection: Connection) -> Bool {
        withState { state in
            guard state.end == nil, state.probe == nil, case .polling = state.transport else { return false }
            state.probe = connection
            return true
        }
    }

    /// The poll that waits is answered with nothing, so that the client can leave. False when the probe was answered before.
    private func answerProbe(_ connection: Connection) -> Bool {
        let (isFirst, poll) = withState { state -> (Bool, Connection?) in
            guard state.probe === connection, !state.isProbed else { return (false, nil) }
            state.isProbed = true
            return (true, state.poll)
        }
        poll?.poke()
        return isFirst
    }

    private func upgrade(to connection: Connection) -> Bool {
        let (isDone, poll) = withState { ($0.upgrade(to: connection), $0.poll) }
        poll?.poke()
        return isDone
    }

    // MARK: - Both ways

    /// Carries messages both ways until the session or the connection is over.
    private func exchange(_ socket: WebSocketSession, _ connection: Connection) async {
        while true {
            let (end, isClosing) = withState { ($0.end, $0.isClosing) }
            socket.takeMessages(upTo: maxPayload)
            sendWaiting(over: socket, connection)
            if end != nil || isClosing {
                finish(.serverClosed)
                return socket.close(end == .tooSlow ? .tryLater : .normal)
            }
            if isFull, !connection.isBroken, !connection.isClosing {
                await connection.waitForPoke()
                _ = connection.takePoked()
                continue
            }
            switch await socket.next() {
            case .message(let message): receive(message)
            case .poke: continue
            case .end: return finish(.transportLost)
            }
        }
    }

    private func receive(_ message: WebSocketMessage) {
        guard let packet = Self.packet(message) else { return finish(.badPacket) }
        receive(packet)
    }

    private static func packet(_ message: WebSocketMessage) -> EngineIO.Packet? {
        message.kind == .binary ? .binary(message.bytes) : try? EngineIO.Packet(text: message.bytes)
    }

    private static func isProbe(_ message: WebSocketMessage) -> Bool { packet(message) == .ping(EngineIO.probe) }

    /// What a client is behind by when volatile messages are no longer worth sending to it.
    private static let behind = 64 * 1024

    private func sendWaiting(over socket: WebSocketSession, _ connection: Connection) {
        for parcel in withState({ $0.takeOutbox() }) {
            if parcel.isVolatile, connection.isBehind(Self.behind) { continue }
            for frame in parcel.frames { Self.send(frame, over: socket) }
        }
    }

    private static func send(_ frame: EngineIO.Frame, over socket: WebSocketSession) {
        switch frame {
        case .text(let bytes): socket.send(WebSocketMessage(.text, bytes))
        case .binary(let bytes): socket.send(WebSocketMessage(.binary, bytes))
        }
    }
}
