/// Bytes that grow at their end: what every writer of ours appends to (JSON, an answer's head, a log line, a frame).
///
/// A raw buffer and not `[UInt8]`, which costs eight times as much when it is filled piece by piece: no uniqueness check
/// and no bounds bookkeeping for each byte. It has one owner, and its memory goes when the owner does.
public struct ByteWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    /// How many bytes its memory has room for.
    public internal(set) var capacity: Int
    @usableFromInline var written: Int

    /// How many bytes were written.
    @inlinable public var count: Int { written }

    public init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
        written = 0
    }

    deinit { base.deallocate() }

    @inlinable public var isEmpty: Bool { count == 0 }

    /// Makes room for `more` bytes, so that the writes that follow need not look.
    @inlinable public mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(by: more) }
    }

    @usableFromInline @inline(never) mutating func grow(by more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    @inlinable public mutating func append(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        advance(1)
    }

    @inlinable public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: start, byteCount: bytes.count)
        advance(bytes.count)
    }

    @inlinable public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inlinable public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Disfavoured, so that a literal is taken for the `StaticString` it can be, and copied without ever being a `String`.
    @_disfavoredOverload
    @inlinable public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a number in decimal.
    @inlinable public mutating func append(decimal number: Int) {
        if number >= 0 && number < 10 { return append(UInt8(truncatingIfNeeded: 48 &+ number)) }
        reserve(20)
        var rest = number.magnitude
        if number < 0 { append(UInt8(ascii: "-")) }
        var digits = 0
        var probe = rest
        repeat { digits &+= 1; probe /= 10 } while probe != 0
        var at = count &+ digits
        repeat {
            at &-= 1
            base.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ rest % 10), toByteOffset: at, as: UInt8.self)
            rest /= 10
        } while rest != 0
        advance(digits)
    }

    /// Appends `count` bytes that `fill` writes.
    @inlinable public mutating func append(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        reserve(count)
        fill(UnsafeMutableRawBufferPointer(start: base + self.count, count: count))
        advance(count)
    }

    /// Overwrites what was written from `offset` on; for a length that is known only afterwards.
    @inlinable public mutating func overwrite(at offset: Int, with bytes: UnsafeRawBufferPointer) {
        precondition(offset >= 0 && offset + bytes.count <= count)
        guard let start = bytes.baseAddress else { return }
        (base + offset).copyMemory(from: start, byteCount: bytes.count)
    }

    /// Forgets everything from `length` on, and keeps the memory.
    @inlinable public mutating func truncate(to length: Int = 0) {
        precondition(length >= 0 && length <= count)
        advance(length &- count)
    }

    /// Forgets the first `length` bytes and moves the rest to the front.
    public mutating func dropFirst(_ length: Int) {
        precondition(length >= 0 && length <= count)
        base.copyMemory(from: base + length, byteCount: count - length)
        written -= length
    }

    @inlinable mutating func advance(_ by: Int) { written &+= by }

    @inlinable public func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// A copy of what was written.
    public var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// What was written as text; bytes that are not UTF-8 become U+FFFD.
    public var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
