/// What a frame is.
public enum Opcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Whether it is about the connection and not a part of a message.
    @inlinable public var isControl: Bool { rawValue & 0x8 != 0 }
}

/// The two to fourteen bytes before a frame's payload (RFC 6455 section 5.2).
///
///     byte 0   FIN RSV1 RSV2 RSV3 opcode(4)
///     byte 1   MASK length(7)            126: two more bytes of length follow, 127: eight
///     then     the mask's four bytes, when MASK is set
///
/// `parse` refuses what no connection may send. What depends on the connection (who masks, whether RSV1 was agreed upon,
/// which frame may come now) is for `WebSocketReader`.
public struct FrameHead: Equatable, Sendable {
    /// The length of the longest head.
    public static let longest = 14
    /// The longest payload of a control frame.
    public static let longestControl = 125

    public var opcode: Opcode
    /// FIN: the last frame of its message.
    public var isFinal: Bool
    /// RSV1: this frame begins a message that permessage-deflate has compressed.
    public var isCompressed: Bool
    /// The mask's four bytes as they lie in memory; nil for a frame without a mask.
    public var mask: UInt32?
    /// How many bytes of payload follow.
    public var length: Int

    public init(_ opcode: Opcode, length: Int, isFinal: Bool = true, isCompressed: Bool = false, mask: UInt32? = nil) {
        self.opcode = opcode
        self.length = length
        self.isFinal = isFinal
        self.isCompressed = isCompressed
        self.mask = mask
    }

    /// The head at the beginning of `bytes` and how many of them it takes; nil when there is more of it to come.
    ///
    /// A fault shows as soon as the bytes that make it one are there.
    public static func parse(_ bytes: UnsafeRawBufferPointer) throws(WebSocketFault) -> (head: FrameHead, size: Int)? {
        guard bytes.count > 0 else { return nil }
        let first = bytes[0]
        guard first & 0x30 == 0 else { throw WebSocketFault(.protocolError, "a reserved bit is set") }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw WebSocketFault(.protocolError, "an opcode that does not exist") }
        let isFinal = first & 0x80 != 0
        let isCompressed = first & 0x40 != 0
        if opcode.isControl && !isFinal { throw WebSocketFault(.protocolError, "a control frame in pieces") }
        if isCompressed && (opcode.isControl || opcode == .continuation) {
            throw WebSocketFault(.protocolError, "RSV1 on a frame that begins no message")
        }

        guard bytes.count > 1 else { return nil }
        let second = bytes[1]
        var length = Int(second & 0x7F)
        if opcode.isControl && length > longestControl { throw WebSocketFault(.protocolError, "a control frame over 125 bytes") }
        var size = 2
        if length > 125 {
            guard let long = try longLength(bytes, form: length) else { return nil }
            size = length == 126 ? 4 : 10
            length = long
        }

        var mask: UInt32?
        if second & 0x80 != 0 {
            guard bytes.count >= size + 4 else { return nil }
            mask = bytes.loadUnaligned(fromByteOffset: size, as: UInt32.self)
            size += 4
        }
        return (FrameHead(opcode, length: length, isFinal: isFinal, isCompressed: isCompressed, mask: mask), size)
    }

    /// A length of two bytes (form 126) or eight (form 127). A shorter way to say it must not exist: two spellings of one
    /// frame are two readings of it by two machines.
    private static func longLength(_ bytes: UnsafeRawBufferPointer, form: Int) throws(WebSocketFault) -> Int? {
        if form == 126 {
            guard bytes.count >= 4 else { return nil }
            let length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            guard length > 125 else { throw WebSocketFault(.protocolError, "a length in a longer form than it needs") }
            return length
        }
        guard bytes.count >= 10 else { return nil }
        let length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
        guard length <= UInt64(Int64.max) else { throw WebSocketFault(.protocolError, "a length with its top bit set") }
        guard length > 0xFFFF else { throw WebSocketFault(.protocolError, "a length in a longer form than it needs") }
        return Int(length)
    }

    /// Appends the head in its only valid form.
    public func write(to out: inout ByteWriter) {
        out.reserve(FrameHead.longest)
        out.append(opcode.rawValue | (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0))
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch length {
        case ...125:
            out.append(UInt8(truncatingIfNeeded: length) | masked)
        case ...0xFFFF:
            out.append(126 | masked)
            withUnsafeBytes(of: UInt16(length).bigEndian) { out.append($0) }
        default:
            out.append(127 | masked)
            withUnsafeBytes(of: UInt64(length).bigEndian) { out.append($0) }
        }
        if let mask { withUnsafeBytes(of: mask) { out.append($0) } }
    }
}
