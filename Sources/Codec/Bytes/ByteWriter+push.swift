/// Appending where room was reserved before: the test for room is made once for several pieces.
extension ByteWriter {
    /// Appends one byte. Room for it must have been reserved.
    @inlinable @inline(__always) mutating func push(_ byte: UInt8) {
        assert(count < capacity)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        advance(1)
    }

    /// Appends `length` bytes from `start`. Room for them must have been reserved.
    @inlinable @inline(__always) mutating func push(_ start: UnsafeRawPointer, count length: Int) {
        assert(count + length <= capacity)
        ShortBytes.copy(start, to: base + count, count: length)
        advance(length)
    }
}
