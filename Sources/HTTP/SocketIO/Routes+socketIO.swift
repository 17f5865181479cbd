public import Codec

extension Routes {
    /// An address that speaks Engine.IO: long polling by GET and POST, a WebSocket by an upgrade.
    public mutating func engineIO(_ pattern: String, _ access: Access, _ summary: String, _ server: EngineIO.Server) {
        // Methods that the protocol does not have are its own to refuse: clients look at the number in the answer.
        raw(.get, pattern, access, summary, gives: .plainText, takesOtherMethods: true) { try await server.answer($0) }
        alsoRefuses(with: .badRequest, .forbidden, .unavailable)
        raw(.post, pattern, access, "\(summary): what a client of long polling says", gives: .plainText) { try await server.answer($0) }
        alsoRefuses(with: .badRequest, .forbidden, .payloadTooLarge, .unavailable)
    }
}

extension Routes {
    /// An address that speaks Socket.IO.
    public mutating func socketIO(_ pattern: String, _ access: Access, _ summary: String, _ server: SocketIO.Server) {
        engineIO(pattern, access, summary, server.engine)
    }
}
