internal import Codec

/// What a WebSocket handshake agreed upon.
struct WebSocketAgreement: Sendable {
    let key: String
    let deflate: DeflateAgreement?
    let subprotocol: String?

    /// Reads the handshake (RFC 6455, 4.2.1). Throws 426 when the request is none, or of another version, and 400 when it is malformed.
    init(_ request: Request, _ options: WebSocketSession.Options) throws {
        let head = request.work.pointee.head.upgrade
        let needed = [Response.Field("upgrade", "websocket"), Response.Field("sec-websocket-version", "13")]
        guard head == .webSocket, request.method == .get else {
            throw Refusal(.upgradeRequired, "This address speaks WebSocket only", fields: needed)
        }
        guard !request.hasSeveral(.webSocketKey), !request.hasSeveral(.webSocketVersion) else {
            throw Refusal.badRequest("Sec-WebSocket-Key and Sec-WebSocket-Version come once each")
        }
        guard request[.webSocketVersion]?.equals("13") == true else {
            throw Refusal(.upgradeRequired, "Only version 13 of WebSocket is spoken here", fields: needed)
        }
        guard let key = request[.webSocketKey], WebSocketHandshake.accepts(key: key) else {
            throw Refusal.badRequest("Sec-WebSocket-Key must be 16 bytes in Base64")
        }
        // Its bytes would be read as frames.
        guard request.work.pointee.body.isFinished else { throw Refusal.badRequest("A handshake has no body") }
        self.key = key
        guard let offers = ExtensionOffer.parse(request[.webSocketExtensions] ?? "") else {
            throw Refusal.badRequest("Sec-WebSocket-Extensions is malformed")
        }
        deflate = options.deflate.flatMap { DeflateAgreement.settle(offers, within: $0) }
        subprotocol = request[.webSocketProtocol].flatMap { WebSocketHandshake.subprotocol(offered: $0, ours: options.subprotocols) }
    }

    /// The fields of the answer 101.
    var fields: [Response.Field] {
        var fields = [
            Response.Field("upgrade", "websocket"), Response.Field("connection", "Upgrade"),
            Response.Field("sec-websocket-accept", WebSocketHandshake.acceptKey(for: key)),
        ]
        if let deflate { fields.append(Response.Field("sec-websocket-extensions", deflate.header)) }
        if let subprotocol { fields.append(Response.Field("sec-websocket-protocol", subprotocol)) }
        return fields
    }
}

/// What a WebSocket's route does once the handshake is done.
public typealias WebSocketServing = @Sendable (WebSocketSession) async -> Void

extension Routes {
    /// A route that becomes a WebSocket. `accept` sees the request first: it refuses by throwing, which is answered before any
    /// upgrade, or gives what serves the session.
    public mutating func webSocket(
        _ pattern: String, _ access: Access, _ summary: String, _ options: WebSocketSession.Options = .init(),
        notes: RouteNotes = RouteNotes(),
        _ accept: @escaping @Sendable (Request) async throws -> WebSocketServing
    ) {
        raw(.get, pattern, access, summary, gives: nil, status: .switchingProtocols, notes: notes) { request in
            let agreement = try WebSocketAgreement(request, options)
            let serve = try await accept(request)
            let body = Response.Body.session { connection in
                let session = WebSocketSession(connection, options, agreement)
                await serve(session)
                session.close()
            }
            return Response(.switchingProtocols, body: body, fields: agreement.fields)
        }
    }
}
