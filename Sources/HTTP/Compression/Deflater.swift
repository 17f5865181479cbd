internal import CZlib
public import Codec

/// Compresses WebSocket messages as permessage-deflate has them (RFC 7692 section 7.2.1): a raw stream, flushed at the end
/// of each message, without the four bytes that every flush ends with.
///
/// Keeping the context costs memory for as long as the connection lives: by zlib's own account 2^(window + 2) +
/// 2^(memory + 9) bytes and 6 KiB of state, which is 38 KiB with our window of 12 and memory of 5, and 262 KiB with zlib's
/// own defaults of 15 and 8. Without context nothing is kept from one message to the next, so one deflater can serve every
/// connection of a loop.
public struct Deflater: ~Copyable {
    private let stream: ZlibStream
    private let keepsContext: Bool

    /// `window` in bits, 9 to 15, as agreed upon; `memory` from 1 to 9 is zlib's for its tables.
    public init(window: Int, keepsContext: Bool, level: Int = 1, memory: Int = 5) {
        precondition((9...15).contains(window), "zlib makes no raw stream with such a window")
        stream = .deflating(level: level, windowBits: -window, memory: memory)
        self.keepsContext = keepsContext
    }

    /// Appends the compressed form of one message, to be sent in a frame with RSV1.
    public mutating func append(_ message: UnsafeRawBufferPointer, to out: inout ByteWriter) {
        // zlib flushes nothing twice in a row, so an empty message would come out as no bytes; this is the RFC's form of it.
        if message.isEmpty { return out.append(0) }
        stream.deflate(message, flush: Z_SYNC_FLUSH, to: &out)
        out.truncate(to: out.count - flushTailSize)
        if !keepsContext { stream.resetDeflating() }
    }
}

/// The end of an empty stored block, 00 00 FF FF: what every flush ends with, and what neither side sends.
let flushTail = UInt32(bigEndian: 0x0000_FFFF)
let flushTailSize = 4
