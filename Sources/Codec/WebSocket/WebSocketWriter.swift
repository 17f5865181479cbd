/// Frames as they go out: a message in one frame, unmasked from a server, masked from a client.
///
/// What a server appends holds nothing of the connection, so one frame can be made once and sent to many.
public enum WebSocketWriter {
    /// Appends one frame. `compressed` sets RSV1: the payload is what permessage-deflate made of the message.
    ///
    /// A client passes four fresh random bytes as `mask`, for each frame anew; a server none.
    public static func append(
        _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isFinal: Bool = true, compressed: Bool = false, mask: UInt32? = nil,
        to out: inout ByteWriter
    ) {
        precondition(!opcode.isControl || payload.count <= FrameHead.longestControl && isFinal && !compressed)
        out.reserve(FrameHead.longest + payload.count)
        FrameHead(opcode, length: payload.count, isFinal: isFinal, isCompressed: compressed, mask: mask).write(to: &out)
        guard let mask else { return out.append(payload) }
        out.append(count: payload.count) { copy in
            copy.copyMemory(from: payload)
            FrameMask.apply(mask, to: copy)
        }
    }

    /// Appends a close frame. A reason that does not fit is cut between two characters; without a code there is none.
    public static func append(close code: CloseCode?, reason: String = "", mask: UInt32? = nil, to out: inout ByteWriter) {
        var payload = ByteWriter(capacity: FrameHead.longestControl)
        if let code {
            precondition(code.mayBeSent)
            withUnsafeBytes(of: code.rawValue.bigEndian) { payload.append($0) }
            for character in reason {
                let text = String(character)
                if payload.count + text.utf8.count > FrameHead.longestControl { break }
                payload.append(text)
            }
        }
        payload.withUnsafeBytes { append(.close, $0, mask: mask, to: &out) }
    }
}
