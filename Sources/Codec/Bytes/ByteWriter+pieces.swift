extension ByteWriter {
    /// Appends what `fill` writes from the pointer on, at most `most` bytes; it gives back where it stopped. For several small pieces:
    /// room is looked for once, and the count is set once.
    @inlinable @inline(__always) mutating func append(
        upTo most: Int, _ fill: (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer
    ) {
        reserve(most)
        let start = base + count
        let end = fill(start)
        assert(end >= start && end <= start + most)
        advance(end - start)
    }
}
