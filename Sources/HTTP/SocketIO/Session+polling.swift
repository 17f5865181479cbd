internal import Codec
internal import Loop

// Long polling: a GET waits for what is sent, a POST brings what the client says.

extension EngineIO.Session {
    /// What the poll on this connection is answered with, once there is something. A second poll beside it ends the session, and so
    /// does a client that gives up waiting: what was meant for it would be lost.
    func poll(_ connection: Connection) async throws -> [EngineIO.Frame] {
        try begin(\.poll, connection)
        // So that a stop of the server finds the poll as it finds a session.
        connection.phase = .session
        defer {
            withState { if $0.poll === connection { $0.poll = nil } }
            connection.phase = .handling
        }
        while true {
            if let frames = withState({ $0.answerToPoll() }) {
                if withState({ $0.isClosing }) { finish(.serverClosed) }
                return frames
            }
            if connection.isBroken || connection.hasPeerEnded {
                finish(.transportLost)
                throw ConnectionLost()
            }
            if connection.isClosing || connection.serving.isDraining {
                close()
                continue
            }
            await connection.waitForPoke()
            _ = connection.takePoked()
        }
    }

    /// Notes that a request of the client is under way. Throws when its session is over, goes over a WebSocket, or has one already.
    private func begin(_ place: WritableKeyPath<SessionState, Connection?>, _ connection: Connection) throws(EngineIO.Complaint) {
        let (complaint, isSecond) = withState { state -> (EngineIO.Complaint?, Bool) in
            if state.end != nil { return (.unknownSession, false) }
            if case .webSocket = state.transport { return (.badRequest, false) }
            if state[keyPath: place] != nil { return (.badRequest, true) }
            state[keyPath: place] = connection
            return (nil, false)
        }
        if isSecond { finish(.badPacket) }
        if let complaint { throw complaint }
    }

    /// Takes what a POST brings: all of its packets, or none when one of them is none. Two at once end the session, since nobody could
    /// say in which order they were meant.
    func post(_ request: Request) async throws {
        let connection = request.connection
        try begin(\.post, connection)
        defer { withState { if $0.post === connection { $0.post = nil } } }
        let body: ByteSlice
        do {
            body = try await request.wholeBody(upTo: maxPayload)
        } catch is ConnectionLost {
            finish(.transportLost)
            throw ConnectionLost()
        }
        guard let packets = try? body.withUnsafeBytes({ (bytes) throws(EngineIO.Fault) in try EngineIO.Payload.parse(bytes) }) else {
            finish(.badPacket)
            throw EngineIO.Complaint.badRequest
        }
        for packet in packets {
            receive(packet)
            // Not after all of them: a body may hold thousands.
            try await waitForRoom(connection)
        }
        if withState({ $0.end == .badPacket }) { throw EngineIO.Complaint.badRequest }
    }

    /// A client that says more than is heard is not answered, and so does not go on.
    private func waitForRoom(_ connection: Connection) async throws {
        guard isFull else { return }
        connection.phase = .session
        defer { connection.phase = .handling }
        while isFull {
            if connection.isBroken { throw ConnectionLost() }
            if connection.isClosing { return }
            await connection.waitForPoke()
            _ = connection.takePoked()
        }
    }
}
