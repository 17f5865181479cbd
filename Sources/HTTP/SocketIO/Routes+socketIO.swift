public import Codec

extension Routes {
    /// An address that speaks Engine.IO: long polling by GET and POST, a WebSocket by an upgrade.
    public mutating func engineIO(_ pattern: String, _ access: Access, _ summary: String, _ server: EngineIO.Server) {
        // Methods that the protocol does not have are its own to refuse: clients look at the number in the answer.
        raw(
            .get, pattern, access, summary, gives: .plainText,
            notes: RouteNotes(query: EngineQuery.shape.outline, refusal: EngineComplaint.shape.schema), takesOtherMethods: true
        ) { try await server.answer($0) }
        alsoRefuses(with: .badRequest, .forbidden, .tooManyRequests, .unavailable)
        raw(
            .post, pattern, access, "\(summary): what a client of long polling says", gives: .plainText,
            notes: RouteNotes(query: EngineQuery.shape.outline, body: .plainText, refusal: EngineComplaint.shape.schema)
        ) { try await server.answer($0) }
        alsoRefuses(with: .badRequest, .forbidden, .payloadTooLarge, .tooManyRequests, .unavailable)
    }
}

/// The query, for the document: the server reads it by hand, since what is wrong with it is told in the protocol's own words.
private struct EngineQuery: Shaped {
    enum Transport: String, CaseIterable, Word {
        case polling, websocket
    }

    var version = ""
    var transport = Transport.polling
    var session: String?

    static let shape = Shape("EngineQuery", "Which session, and how it is talked in", EngineQuery()) {
        Field("EIO", \.version, Kind<String>.text(1...1).described(as: .words(["4"])), "The version of Engine.IO")
        Field("transport", \.transport, .word(Transport.self), "Long polling, or a WebSocket by an upgrade")
        Field("sid", \.session, Kind<String>.text(1...64).orAbsent, "The session; without it a new one is opened")
    }
}

/// What is wrong, as Engine.IO tells it.
private struct EngineComplaint: Shaped {
    var code = 0
    var message = ""

    static let shape = Shape("EngineIOError", "What is wrong, in Engine.IO's words", EngineComplaint()) {
        Field("code", \.code, .integer(0...5), "The kind of fault, as Engine.IO numbers them")
        Field("message", \.message, .text(1...100), "A sentence for people")
    }
}

extension Routes {
    /// An address that speaks Socket.IO.
    public mutating func socketIO(_ pattern: String, _ access: Access, _ summary: String, _ server: SocketIO.Server) {
        engineIO(pattern, access, summary, server.engine)
    }
}
