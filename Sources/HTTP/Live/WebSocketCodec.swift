internal import Codec

/// Frames in, messages out, and back: the reader and, where it was agreed upon, compression.
final class WebSocketCodec {
    enum Event {
        case message(WebSocketMessage)
        case ping([UInt8])
        case pong
        case close(CloseCode?)
    }

    var maximumMessage: Int {
        didSet { if maximumMessage != oldValue { reader.maximumMessage = maximumMessage } }
    }
    private var reader: WebSocketReader
    /// Made when the first message needs it: most sessions of a small server send little, and many nothing.
    private var deflater: Deflater?
    private var inflater: Inflater?
    private let agreement: DeflateAgreement?
    /// Shorter than this a message grows when it is compressed.
    private static let worthCompressing = 64

    init(_ options: WebSocketSession.Options, _ agreement: DeflateAgreement?) {
        maximumMessage = options.maximumMessage
        self.agreement = agreement
        reader = WebSocketReader(role: .server, maximumMessage: options.maximumMessage, takesCompressed: agreement != nil)
    }

    /// The next event in what the connection has received, from which it takes what it reads.
    func next(from connection: Connection) throws(WebSocketFault) -> Event? {
        guard let buffer = connection.buffer, connection.readStart < connection.readEnd else { return nil }
        // The buffer is the connection's alone: a session hands out no slices of it, so unmasking in place disturbs nobody.
        var input = UnsafeMutableRawBufferPointer(
            start: buffer.base + connection.readStart, count: connection.readEnd - connection.readStart)
        defer { connection.readStart = connection.readEnd - input.count }
        guard let event = try reader.next(&input) else { return nil }
        switch event {
        case .message(let kind, let isCompressed, let bytes):
            return .message(WebSocketMessage(kind, isCompressed ? try inflated(bytes, kind) : [UInt8](bytes)))
        case .ping(let bytes): return .ping([UInt8](bytes))
        case .pong: return .pong
        case .close(let code, _): return .close(code)
        }
    }

    private func inflated(_ bytes: UnsafeRawBufferPointer, _ kind: WebSocketEvent.Kind) throws(WebSocketFault) -> [UInt8] {
        guard let agreement else { throw WebSocketFault(.protocolError, "Compression was not agreed upon") }
        if inflater == nil { inflater = Inflater(window: agreement.clientWindow, keepsContext: agreement.clientKeepsContext) }
        var plain = ByteWriter(capacity: max(bytes.count * 3, 256))
        do throws(InflateFault) {
            try inflater?.append(bytes, to: &plain, atMost: maximumMessage)
        } catch {
            switch error {
            case .tooLarge: throw WebSocketFault(.tooBig, "The message is too large")
            case .corrupt: throw WebSocketFault(.invalidData, "The compressed data is corrupt")
            }
        }
        let isText = kind == .binary || plain.withUnsafeBytes { UTF8Check.accepts($0) }
        guard isText else { throw WebSocketFault(.invalidData, "The text is not UTF-8") }
        return plain.array
    }

    /// Appends a message in one frame.
    func append(_ kind: WebSocketEvent.Kind, _ bytes: UnsafeRawBufferPointer, to out: inout ByteWriter) {
        let opcode: Opcode = kind == .text ? .text : .binary
        guard let agreement, bytes.count >= Self.worthCompressing else { return WebSocketWriter.append(opcode, bytes, to: &out) }
        if deflater == nil { deflater = Deflater(window: agreement.serverWindow, keepsContext: agreement.serverKeepsContext) }
        var packed = ByteWriter(capacity: bytes.count)
        deflater?.append(bytes, to: &packed)
        packed.withUnsafeBytes { WebSocketWriter.append(opcode, $0, compressed: true, to: &out) }
    }
}
