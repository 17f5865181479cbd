import Codec
import HTTP
import Testing

/// The client's side of a WebSocket.
final class WebSocketClient {
    enum Heard: Equatable {
        case text(String)
        case binary([UInt8])
        case compressed([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16?)
    }

    let client: Client
    /// The server's answer to the handshake.
    let answer: Answer
    private var reader = WebSocketReader(role: .client, maximumMessage: 16 << 20, takesCompressed: true)

    static let handshake = [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    init(_ client: Client, _ path: String, _ fields: String...) throws {
        self.client = client
        answer = try client.ask("GET", path, Self.handshake + fields)
        try #require(answer.status == 101)
    }

    func send(_ opcode: Opcode, _ bytes: [UInt8], isFinal: Bool = true, compressed: Bool = false) throws {
        try client.send(Self.frame(opcode, bytes, isFinal: isFinal, compressed: compressed))
    }

    static func frame(_ opcode: Opcode, _ bytes: [UInt8], isFinal: Bool = true, compressed: Bool = false) -> [UInt8] {
        var out = ByteWriter()
        bytes.withUnsafeBytes { WebSocketWriter.append(opcode, $0, isFinal: isFinal, compressed: compressed, mask: 0x1234_5678, to: &out) }
        return out.array
    }

    func close(_ code: CloseCode?) throws {
        var out = ByteWriter()
        WebSocketWriter.append(close: code, mask: 0x1234_5678, to: &out)
        try client.send(out.array)
    }

    /// The next frame or message of the server. Throws when the connection ends instead.
    func next() throws -> Heard {
        while true {
            if !client.received.isEmpty, let heard = try take() { return heard }
            guard try client.receiveMore() else { throw Trouble.ended }
        }
    }

    private func take() throws -> Heard? {
        var bytes = client.received
        var rest = 0
        let heard: Heard? = try bytes.withUnsafeMutableBytes { raw in
            var input = raw
            defer { rest = input.count }
            switch try reader.next(&input) {
            case nil: return nil
            case .message(.text, compressed: false, let bytes): return .text(String(decoding: bytes, as: UTF8.self))
            case .message(.binary, compressed: false, let bytes): return .binary([UInt8](bytes))
            case .message(_, compressed: true, let bytes): return .compressed([UInt8](bytes))
            case .ping(let bytes): return .ping([UInt8](bytes))
            case .pong(let bytes): return .pong([UInt8](bytes))
            case .close(let code, _): return .close(code?.rawValue)
            }
        }
        client.received = Array(bytes.suffix(rest))
        return heard
    }

    /// Whether the server has ended the connection in order, with nothing more to say.
    func isEnded() throws -> Bool { try client.rest() == "" }
}

/// Gives back what it hears, until the end.
let echo: WebSocketServing = { session in
    while true {
        switch await session.next() {
        case .message(let message): session.send(message)
        case .poke: session.send(text: "poked")
        case .end: return
        }
    }
}
