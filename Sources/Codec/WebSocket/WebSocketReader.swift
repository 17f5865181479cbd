/// Which side of a connection we are: a client masks what it sends, a server must not (RFC 6455 section 5.1).
public enum WebSocketRole: Sendable { case server, client }

/// What a reader makes of the bytes. Bytes in it live until the reader's next call or the end of the buffer they came in.
public enum WebSocketEvent {
    public enum Kind: Sendable { case text, binary }

    /// A whole message. Text is UTF-8, unless `compressed`: then inflate it first, and check what comes out.
    case message(Kind, compressed: Bool, UnsafeRawBufferPointer)
    /// To be answered with a pong of the same bytes.
    case ping(UnsafeRawBufferPointer)
    case pong(UnsafeRawBufferPointer)
    /// The other side is done. To be answered with a close frame of the same code, unless we sent ours first.
    case close(CloseCode?, reason: String)
}

/// Bytes as they come from a socket, made into messages, pings and closes (RFC 6455). No input or output of its own.
///
///     while let event = try reader.next(&input) { … }      // input: what was just read; empty afterwards
///
/// It takes everything it is given, so that a connection needs no read buffer of its own between two reads. A message that
/// came whole in one frame is unmasked where it lies and never copied; any other is gathered here. Memory follows the bytes
/// that came, never the length a frame announces, and stays under twice `maximumMessage`.
public struct WebSocketReader: ~Copyable {
    private let role: WebSocketRole
    /// What a message may have on the wire. A change holds from the next frame on.
    public var maximumMessage: Int
    private let takesCompressed: Bool

    private var frame: Frame?
    private var message: Message?
    private var partialHead = PartialHead()
    private var gathered = ByteWriter(capacity: 16)
    private var control = ByteWriter(capacity: 16)
    private var delivered = Delivered.nothing

    /// Whether nothing more will come out: a close frame was read, or a fault thrown.
    public private(set) var isOver = false

    /// The frame whose payload is being read.
    private struct Frame {
        let head: FrameHead
        var taken = 0
    }

    /// The message that the frames so far have begun.
    private struct Message {
        let kind: WebSocketEvent.Kind
        let isCompressed: Bool
        var text = UTF8Check()

        var mustBeText: Bool { kind == .text && !isCompressed }
    }

    /// Which buffer the last event pointed into, and may be emptied now.
    private enum Delivered { case nothing, message, control }

    /// A buffer that has grown beyond this is given back once its message was delivered.
    private static let keptCapacity = 16_384

    /// `takesCompressed`: permessage-deflate was agreed upon. `maximumMessage` bounds a message as it is on the wire.
    public init(role: WebSocketRole, maximumMessage: Int, takesCompressed: Bool = false) {
        self.role = role
        self.maximumMessage = maximumMessage
        self.takesCompressed = takesCompressed
    }

    /// Whether no frame and no message is half read: the moment at which silence is not suspicious.
    public var isBetweenMessages: Bool { frame == nil && message == nil && partialHead.count == 0 }

    /// The next event in `input`, from whose front the bytes read are taken; nil when more must come first.
    ///
    /// Writes into the bytes it takes (the mask goes off in place). Throws what is wrong with the stream, once; from then
    /// on, as after a close frame, whatever comes is swallowed (RFC 6455 section 1.4).
    public mutating func next(_ input: inout UnsafeMutableRawBufferPointer) throws(WebSocketFault) -> WebSocketEvent? {
        forgetDelivered()
        do throws(WebSocketFault) {
            while !isOver {
                if frame == nil {
                    guard let head = try readHead(&input) else { return nil }
                    try begin(head)
                }
                guard let piece = takePiece(&input) else { return nil }
                if let event = try read(piece) { return event }
            }
        } catch {
            isOver = true
            throw error
        }
        input = UnsafeMutableRawBufferPointer(rebasing: input[input.count...])
        return nil
    }
}

// MARK: - Heads

extension WebSocketReader {
    /// A head that a read has cut. Fourteen bytes at most, and never a whole head.
    private struct PartialHead {
        var bytes = InlineArray<14, UInt8>(repeating: 0)
        var count = 0
    }

    private mutating func readHead(_ input: inout UnsafeMutableRawBufferPointer) throws(WebSocketFault) -> FrameHead? {
        if partialHead.count == 0, let (head, size) = try FrameHead.parse(UnsafeRawBufferPointer(input)) {
            input = UnsafeMutableRawBufferPointer(rebasing: input[size...])
            return head
        }
        while let byte = input.first {
            input = UnsafeMutableRawBufferPointer(rebasing: input[1...])
            partialHead.bytes[partialHead.count] = byte
            partialHead.count += 1
            let parsed = try withUnsafeBytes(of: &partialHead.bytes) { bytes throws(WebSocketFault) in
                try FrameHead.parse(UnsafeRawBufferPointer(rebasing: bytes[..<partialHead.count]))
            }
            guard let parsed else { continue }
            partialHead.count = 0
            return parsed.head
        }
        return nil
    }

    /// Checks what depends on the connection and on the frames before.
    private mutating func begin(_ head: FrameHead) throws(WebSocketFault) {
        switch (role, head.mask) {
        case (.server, nil): throw WebSocketFault(.protocolError, "a frame without a mask")
        case (.client, .some): throw WebSocketFault(.protocolError, "a masked frame")
        default: break
        }
        frame = Frame(head: head)
        if head.opcode.isControl { return }

        if head.isCompressed && !takesCompressed { throw WebSocketFault(.protocolError, "RSV1 without permessage-deflate") }
        if head.opcode == .continuation {
            guard message != nil else { throw WebSocketFault(.protocolError, "a continuation of nothing") }
        } else {
            guard message == nil else { throw WebSocketFault(.protocolError, "a message begun inside another") }
            message = Message(kind: head.opcode == .text ? .text : .binary, isCompressed: head.isCompressed)
        }
        guard head.length <= maximumMessage - gathered.count else {
            throw WebSocketFault(.tooBig, "a message over \(maximumMessage) bytes")
        }
    }
}

// MARK: - Payloads

extension WebSocketReader {
    /// As much of the frame's payload as `input` holds, unmasked. Nil when it holds none of it, and some is missing.
    private mutating func takePiece(_ input: inout UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let current = frame else { return nil }
        let size = min(current.head.length - current.taken, input.count)
        if size == 0 && current.head.length > current.taken { return nil }
        let piece = UnsafeMutableRawBufferPointer(rebasing: input[..<size])
        input = UnsafeMutableRawBufferPointer(rebasing: input[size...])
        if let mask = current.head.mask { FrameMask.apply(mask, to: piece, from: current.taken) }
        frame?.taken += size
        return UnsafeRawBufferPointer(piece)
    }

    private mutating func read(_ piece: UnsafeRawBufferPointer) throws(WebSocketFault) -> WebSocketEvent? {
        guard let current = frame else { return nil }
        let isWhole = current.taken == current.head.length
        if isWhole { frame = nil }
        if current.head.opcode.isControl {
            guard isWhole else {
                control.append(piece)
                return nil
            }
            return try finishControl(current.head.opcode, last: piece)
        }

        try checkText(piece, isLast: isWhole && current.head.isFinal)
        guard isWhole && current.head.isFinal else {
            gathered.append(piece)
            return nil
        }
        return finishMessage(last: piece)
    }

    /// A bad byte ends the connection when it comes, not when the message is whole.
    private mutating func checkText(_ piece: UnsafeRawBufferPointer, isLast: Bool) throws(WebSocketFault) {
        guard message?.mustBeText == true else { return }
        let isText = message?.text.feed(piece) ?? false
        guard isText, !isLast || message?.text.isFinished == true else {
            throw WebSocketFault(.invalidData, "text that is not UTF-8")
        }
    }

    private mutating func finishMessage(last piece: UnsafeRawBufferPointer) -> WebSocketEvent? {
        guard let whole = message else { return nil }
        message = nil
        if gathered.isEmpty { return .message(whole.kind, compressed: whole.isCompressed, piece) }
        gathered.append(piece)
        delivered = .message
        return .message(whole.kind, compressed: whole.isCompressed, gathered.borrowedUntilChanged)
    }

    private mutating func finishControl(_ opcode: Opcode, last piece: UnsafeRawBufferPointer) throws(WebSocketFault) -> WebSocketEvent {
        var bytes = piece
        if !control.isEmpty {
            control.append(piece)
            delivered = .control
            bytes = control.borrowedUntilChanged
        }
        switch opcode {
        case .ping: return .ping(bytes)
        case .pong: return .pong(bytes)
        default:
            isOver = true
            return try WebSocketReader.close(bytes)
        }
    }

    private static func close(_ bytes: UnsafeRawBufferPointer) throws(WebSocketFault) -> WebSocketEvent {
        if bytes.isEmpty { return .close(nil, reason: "") }
        guard bytes.count >= 2 else { throw WebSocketFault(.protocolError, "half a close code") }
        let code = CloseCode(rawValue: UInt16(bigEndian: bytes.loadUnaligned(as: UInt16.self)))
        guard code.mayBeSent else { throw WebSocketFault(.protocolError, "a close code that may not be sent") }
        let reason = UnsafeRawBufferPointer(rebasing: bytes[2...])
        guard UTF8Check.accepts(reason) else { throw WebSocketFault(.invalidData, "a close reason that is not UTF-8") }
        // Nobody needs what a reason says to close, so one that is no text of ours is none.
        return .close(code, reason: String(received: reason) ?? "")
    }

    private mutating func forgetDelivered() {
        switch delivered {
        case .nothing: return
        case .control: control.truncate()
        case .message:
            if gathered.capacity > WebSocketReader.keptCapacity { gathered = ByteWriter(capacity: 16) } else { gathered.truncate() }
        }
        delivered = .nothing
    }
}

extension ByteWriter {
    /// The bytes without a closure around them. Right as long as the writer is neither changed nor dropped: the memory is
    /// on the heap and moves only when it grows. The reader changes its buffers only in `next`, which ends their loan.
    fileprivate var borrowedUntilChanged: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}
