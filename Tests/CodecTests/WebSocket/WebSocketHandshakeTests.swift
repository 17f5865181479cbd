import Codec
import Testing

@Suite("The WebSocket handshake") struct WebSocketHandshakeTests {
    @Test("answers the key of RFC 6455 section 1.3") func acceptKey() {
        #expect(WebSocketHandshake.acceptKey(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test("takes a key of sixteen bytes", arguments: ["dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "/////////////////////w=="])
    func goodKeys(key: String) {
        #expect(WebSocketHandshake.accepts(key: key))
    }

    @Test(
        "refuses any other key",
        arguments: [
            "", "==", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZQA=",
            "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25_ZQ==", "dGhlIHNhbXBsZSBub25=ZQ==", " dGhlIHNhbXBsZSBub25jZQ=",
            "AAAAAAAAAAAAAAAAAAAAAé==",
        ]) func badKeys(key: String)
    {
        #expect(!WebSocketHandshake.accepts(key: key))
    }

    @Test("chooses the client's first subprotocol that is also ours") func subprotocol() {
        #expect(WebSocketHandshake.subprotocol(offered: "chat, superchat", ours: ["superchat", "chat"]) == "chat")
        #expect(WebSocketHandshake.subprotocol(offered: "soap,superchat , wamp", ours: ["superchat"]) == "superchat")
    }

    @Test("chooses none where none fits", arguments: ["", ",", "Chat", "chats", "cha t", "\"chat\"", "chat chat", "chat;v=1"])
    func noSubprotocol(offered: String) {
        #expect(WebSocketHandshake.subprotocol(offered: offered, ours: ["chat"]) == nil)
    }
}

@Suite("The header Sec-WebSocket-Extensions") struct ExtensionOfferTests {
    @Test("reads offers with and without parameters") func offers() {
        #expect(ExtensionOffer.parse("") == [])
        #expect(ExtensionOffer.parse("mux") == [ExtensionOffer("mux")])
        #expect(
            ExtensionOffer.parse(" deflate-stream ;a; b = 2 ,, mux;max=\"4\\\\,;\"") == [
                ExtensionOffer("deflate-stream", [.init("a"), .init("b", "2")]), ExtensionOffer("mux", [.init("max", "4\\,;")]),
            ])
    }

    @Test(
        "is refused when it breaks the grammar",
        arguments: [";", "a;", "a;;b", "a;b=", "a b", "a;b=\"c", "a;b=\"c\\", "a;b=c d", "a=b", "é", "a;b=\"c\"d"])
    func malformed(header: String) {
        #expect(ExtensionOffer.parse(header) == nil)
    }
}

@Suite("Agreeing on permessage-deflate") struct DeflateAgreementTests {
    private func settle(_ header: String, within limits: DeflateAgreement.Limits = .init(serverWindow: 15, clientWindow: 15)) throws
        -> String?
    {
        DeflateAgreement.settle(try #require(ExtensionOffer.parse(header)), within: limits)?.header
    }

    @Test(
        "answers what was offered",
        arguments: [
            ("permessage-deflate", "permessage-deflate"),
            ("PerMessage-Deflate; Client_Max_Window_Bits", "permessage-deflate"),
            ("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
            ("permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"),
            ("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=\"10\"", "permessage-deflate; server_max_window_bits=10"),
            ("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8"),
            ("permessage-deflate; client_max_window_bits=15", "permessage-deflate"),
            ("x-webkit-deflate-frame, permessage-deflate", "permessage-deflate"),
        ]) func accepted(offer: String, answer: String) throws
    {
        #expect(try settle(offer) == answer)
    }

    @Test(
        "declines an offer that is wrong",
        arguments: [
            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010", "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=0", "permessage-deflate; client_max_window_bits=\"\"",
            "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=true",
            "permessage-deflate; level=9",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "permessage-bzip2", "",
        ]) func declined(offer: String) throws
    {
        #expect(try settle(offer) == nil)
    }

    @Test("declines a window of 8 bits for us, which zlib cannot do") func eightBits() throws {
        #expect(try settle("permessage-deflate; server_max_window_bits=8") == nil)
    }

    @Test("goes on to the next offer when it declines one") func nextOffer() throws {
        let header = "permessage-deflate; server_max_window_bits=8, permessage-deflate; bad, permessage-deflate; server_max_window_bits=9"
        #expect(try settle(header) == "permessage-deflate; server_max_window_bits=9")
    }

    @Test("keeps within our limits") func limits() throws {
        let limits = DeflateAgreement.Limits(serverWindow: 12, serverKeepsContext: false, clientWindow: 11, clientKeepsContext: false)
        let settled =
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11"
        #expect(try settle("permessage-deflate; client_max_window_bits", within: limits) == settled)
    }

    @Test("asks for no narrower window of a client that did not offer one") func unasked() throws {
        let limits = DeflateAgreement.Limits(serverWindow: 15, clientWindow: 10)
        let agreement = DeflateAgreement.settle([ExtensionOffer("permessage-deflate")], within: limits)
        #expect(agreement?.clientWindow == 15)
        #expect(
            try settle("permessage-deflate; client_max_window_bits=9", within: limits) == "permessage-deflate; client_max_window_bits=9")
    }
}
