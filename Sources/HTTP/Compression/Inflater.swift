internal import CZlib
public import Codec

/// Why a compressed message could not be read.
public enum InflateFault: Error {
    /// It would be larger than the bound: a bomb, or an honest message that is too long (close code 1009).
    case tooLarge
    /// It is not a deflate stream, or points further back than the window that was agreed upon (close code 1007).
    case corrupt
}

/// Reads what a `Deflater` of the other side made (RFC 7692 section 7.2.2).
///
/// With context it keeps 2^window bytes and 7 KiB of state a connection, 11 KiB with a window of 12; a window of 15, which a
/// client that cannot narrow its own forces on us, makes it 39 KiB. Without context one inflater can serve a whole loop.
/// After a fault it must not be used again: the connection is over.
public struct Inflater: ~Copyable {
    private let stream: ZlibStream
    private let keepsContext: Bool

    /// `window` in bits, 8 to 15: what the other side may compress with.
    public init(window: Int, keepsContext: Bool) {
        precondition((8...15).contains(window))
        stream = .inflating(windowBits: -window)
        self.keepsContext = keepsContext
    }

    /// Appends the message that `compressed` holds, at most `bound` bytes of it. A bomb costs what the bound costs: inflating
    /// stops at the first byte over it.
    public mutating func append(
        _ compressed: UnsafeRawBufferPointer, to out: inout ByteWriter, atMost bound: Int
    ) throws(InflateFault) {
        // An empty message has one byte (section 7.2.3.6), but zlib's users send none when two empty ones follow each other.
        if compressed.isEmpty { return }
        let end = out.count + bound
        let wasLastBlock = try stream.inflate(compressed, to: &out, until: end)
        // Some compressors end a message with a block marked as the stream's last; after it there is nothing to be ended.
        if !wasLastBlock {
            let written = out.count
            try withUnsafeBytes(of: flushTail) { tail throws(InflateFault) in _ = try stream.inflate(tail, to: &out, until: end) }
            // They must have been read as the end of a block, and not as the data of one that the message cut short.
            guard out.count == written, stream.isBetweenBlocks else { throw .corrupt }
        }
        if !keepsContext { stream.resetInflating() }
    }
}
