internal import CCrypto

/// What the HTTP upgrade to WebSocket computes (RFC 6455 section 4.2). Header values come as text; a header that was sent
/// several times comes joined by commas.
public enum WebSocketHandshake {
    /// Whether `Sec-WebSocket-Key` is what it has to be: sixteen bytes in canonical base64.
    public static func accepts(key: String) -> Bool {
        key.utf8.count == 24 && Base64.decode(key)?.count == 16
    }

    /// The `Sec-WebSocket-Accept` that proves we read the key. The words joined to it are the RFC's.
    public static func acceptKey(for key: String) -> String {
        Base64.encode(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    /// The first of the client's subprotocols that is also one of ours; nil when there is none, and then the answer names none.
    public static func subprotocol(offered: String, ours: [String]) -> String? {
        var header = HeaderCursor(offered)
        while !header.isAtEnd {
            header.skipBlanks()
            if let name = header.token() {
                header.skipBlanks()
                if header.isAtEnd || header.isAt(","), ours.contains(where: name.hasSameBytes) { return name }
            }
            header.skip(past: ",")
        }
        return nil
    }

    private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 20) { digest, count in
            // The RFC asks for SHA-1, and nothing here rests on its strength. It fails only where a machine's policy forbids it.
            let done = EVP_Digest(bytes, bytes.count, digest.baseAddress, nil, EVP_sha1(), nil)
            precondition(done == 1, "OpenSSL refuses SHA-1, without which there is no WebSocket")
            count = 20
        }
    }
}
