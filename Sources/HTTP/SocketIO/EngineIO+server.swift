public import Codec
internal import Loop

extension EngineIO {
    /// An Engine.IO server, as the routes know it. It keeps the sessions and says which request belongs to which.
    ///
    ///     let echo = EngineIO.Server { session in Echo(session) }
    ///     routes.engineIO("/engine.io", .everyone, "Echoes", echo)
    public final class Server: Sendable {
        public let options: Options
        private let welcome: @Sendable (Session) -> any Receiver
        private let table: SessionTable

        /// - Parameter welcome: says who hears a new session. Called on the session's loop, before anything can be heard.
        public init(_ options: Options = .init(), _ welcome: @escaping @Sendable (Session) -> any Receiver) {
            self.options = options
            self.welcome = welcome
            table = SessionTable(options)
        }

        /// Sessions that are open now.
        public var sessions: Int { table.count }

        /// Ends every session, as when the server stops. A client whose poll is not here is told by its next one.
        public func closeAll() {
            for session in table.all { session.leave() }
        }

        func forget(_ session: Session) { table.remove(session) }

        func recognized(_ session: Session) { table.recognized(session) }
    }
}

// MARK: - Requests

extension EngineIO.Server {
    /// Answers any request to the server's address. What is wrong with one is looked for in the official server's order.
    func answer(_ request: Request) async throws -> Response {
        do {
            let query = try Self.query(of: request)
            let transport = query.first { $0.0.equals("transport") }?.1 ?? ""
            let isWebSocket = transport.equals("websocket")
            guard isWebSocket || transport.equals("polling") else { throw EngineIO.Complaint.unknownTransport }
            let session = try query.first { $0.0.equals("sid") }.map { try self.session($0.1) }
            if isWebSocket { return try await answerWebSocket(request, session, query) }
            return try await answerPolling(request, session, query)
        } catch let complaint as EngineIO.Complaint {
            return .json(complaint == .forbidden ? .forbidden : .badRequest, complaint.json)
        }
    }

    private static func query(of request: Request) throws(EngineIO.Complaint) -> [(String, String)] {
        do throws(Query.Fault) {
            return try Query.parse(request.query)
        } catch {
            throw .badRequest
        }
    }

    private func session(_ id: String) throws(EngineIO.Complaint) -> EngineIO.Session {
        guard let session = table[id], !session.isOver(at: MonotonicClock.now) else { throw .unknownSession }
        return session
    }

    private func answerPolling(_ request: Request, _ session: EngineIO.Session?, _ query: [(String, String)]) async throws -> Response {
        guard let session else {
            let session = try await open(request, query)
            return Self.payload([handshake(session, upgrades: ["websocket"])])
        }
        switch request.method {
        case .get: return Self.payload(try await session.poll(request.connection))
        case .post:
            if session.isStranger { try await options.count?(request) }
            try await session.post(request)
            return .text(.ok, "ok")
        default: throw EngineIO.Complaint.badRequest
        }
    }

    private func answerWebSocket(_ request: Request, _ session: EngineIO.Session?, _ query: [(String, String)])
        async throws -> Response
    {
        guard request.asksForWebSocket else { throw EngineIO.Complaint.badRequest }
        var options = WebSocketSession.Options()
        options.maximumMessage = session?.maxPayload ?? self.options.strangers?.maxPayload ?? self.options.maxPayload
        options.pendingLimit = self.options.sendLimit
        options.deflate = self.options.deflate
        // The session's own heart beats.
        options.pingInterval = .seconds(3600)
        let agreement = try WebSocketAgreement(request, options)
        let known: EngineIO.Session
        let opening: EngineIO.Frame?
        if let session {
            (known, opening) = (session, nil)
        } else {
            known = try await open(request, query, isWebSocket: true)
            opening = handshake(known, upgrades: [])
        }
        let body = Response.Body.session { [options] connection in
            let socket = WebSocketSession(connection, options, agreement)
            if let opening { await known.serve(socket, connection, opening) } else { await known.probe(socket, connection) }
            socket.close()
        }
        return Response(.switchingProtocols, body: body, fields: agreement.fields)
    }

    private static func payload(_ frames: [EngineIO.Frame]) -> Response {
        var out = ByteWriter(capacity: frames.reduce(16) { $0 + $1.bytes.count + 1 })
        EngineIO.Payload.append(frames, to: &out)
        return Response(.ok, type: .plainText, body: .bytes(out.array), fields: [.init("cache-control", "no-store")])
    }
}

// MARK: - Opening

extension EngineIO.Server {
    private func open(_ request: Request, _ query: [(String, String)], isWebSocket: Bool = false) async throws
        -> EngineIO.Session
    {
        guard request.method == .get else { throw EngineIO.Complaint.badHandshakeMethod }
        if let admits = options.admits, !admits(request) { throw EngineIO.Complaint.forbidden }
        guard query.first(where: { $0.0.equals("EIO") })?.1.equals(EngineIO.version) == true else {
            throw EngineIO.Complaint.unsupportedVersion
        }
        try await options.count?(request)
        let connection = request.connection
        let session = EngineIO.Session(
            table.freshID(), EngineIO.Opening(request, query), isWebSocket ? .webSocket(connection) : .polling, on: connection.loop,
            of: self)
        guard table.add(session) else { throw Refusal.unavailable("Too many sessions are open", retryAfter: 5) }
        session.begin(welcome(session))
        return session
    }

    private func handshake(_ session: EngineIO.Session, upgrades: [String]) -> EngineIO.Frame {
        let handshake = EngineIO.Handshake(
            sid: session.id, upgrades: upgrades, pingInterval: options.pingInterval.milliseconds,
            pingTimeout: options.pingTimeout.milliseconds, maxPayload: options.maxPayload)
        return handshake.packet.frame
    }
}

extension Request {
    fileprivate var asksForWebSocket: Bool { method == .get && work.pointee.head.upgrade == .webSocket }
}

extension Duration {
    fileprivate var milliseconds: Int { Int(clamping: nanoseconds / 1_000_000) }
}
