public import Codec
internal import Loop

// What goes to a client. None of it waits but a question's answer.

extension SocketIO.Socket {
    /// Sends an event. A volatile one is dropped when the client is not ready for it: of a typing indicator only the latest counts.
    public func emit(_ name: String, _ arguments: SocketIO.Value..., isVolatile: Bool = false) {
        emit(name, with: arguments, isVolatile: isVolatile)
    }

    public func emit(_ name: String, with arguments: [SocketIO.Value], isVolatile: Bool = false) {
        emit(SocketIO.Announcement(name, arguments, in: namespace), isVolatile: isVolatile)
    }

    /// Sends what was written once for many.
    public func emit(_ announcement: SocketIO.Announcement, isVolatile: Bool = false) {
        precondition(announcement.namespace.hasSameBytes(as: namespace), "an announcement for another namespace")
        guard isConnected else { return }
        client.session.send(announcement.frames, isVolatile: isVolatile)
    }

    /// Whether the client is in the namespace.
    public var isConnected: Bool { state.withLock { $0.isIn && !$0.hasEnded } }

    /// Nobody answered in time.
    public struct NoAnswer: Error {}

    /// Sends an event and waits for the client's acknowledgement. Throws when there is none in time, or the socket ends.
    public func ask(_ name: String, _ arguments: SocketIO.Value..., within patience: Duration = .seconds(10)) async throws(NoAnswer)
        -> [SocketIO.Value]
    {
        let answer = await withUnsafeContinuation { (continuation: UnsafeContinuation<[SocketIO.Value]?, Never>) in
            guard let id = expectAnswer(continuation) else { return continuation.resume(returning: nil) }
            client.send(SocketIO.Packet(.event(name, arguments, id: id), in: namespace))
            let home = client.session.home
            home.submit { home.after(nanoseconds: patience.nanoseconds) { [weak self] in self?.giveUp(id) } }
        }
        guard let answer else { throw NoAnswer() }
        return answer
    }

    private func expectAnswer(_ continuation: UnsafeContinuation<[SocketIO.Value]?, Never>) -> Int? {
        state.withLock { state in
            guard state.isIn, !state.hasEnded, state.asked.count < Self.mostAsked else { return nil }
            state.lastAck += 1
            state.asked[state.lastAck] = continuation
            return state.lastAck
        }
    }

    private func giveUp(_ id: Int) { state.withLock { $0.asked.removeValue(forKey: id) }?.resume(returning: nil) }

    func acknowledge(_ arguments: [SocketIO.Value], _ id: Int) {
        guard isConnected else { return }
        client.send(SocketIO.Packet(.ack(arguments, id: id), in: namespace))
    }

    /// Sends the client out of the namespace; with `closing` also out of all others, by ending its session.
    public func disconnect(closing: Bool = false) {
        if client.remove(self) {
            client.send(SocketIO.Packet(.disconnect, in: namespace))
            end()
        }
        if closing { client.session.close() }
    }
}
