import Glibc

/// Copying and comparing names and the like: a few bytes, where calling into the C library costs more than the work.
///
/// Two words that may overlap cover every length from one word to two, and nothing outside the bytes is touched.
@usableFromInline enum ShortBytes {
    /// Copies `count` bytes; the two places do not overlap.
    @inlinable @inline(__always) static func copy(_ from: UnsafeRawPointer, to: UnsafeMutableRawPointer, count: Int) {
        if count > 16 {
            to.copyMemory(from: from, byteCount: count)
        } else if count >= 8 {
            let last = from.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
            to.storeBytes(of: last, toByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4 {
            let last = from.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
            to.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
        } else {
            for at in 0..<count { to.storeBytes(of: from.load(fromByteOffset: at, as: UInt8.self), toByteOffset: at, as: UInt8.self) }
        }
    }

    /// Whether `count` bytes are the same.
    @inline(__always) static func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
        if count > 16 { return memcmp(left, right, count) == 0 }
        if count >= 8 {
            let last = left.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            return left.loadUnaligned(as: UInt64.self) == right.loadUnaligned(as: UInt64.self)
                && last == right.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        }
        if count >= 4 {
            let last = left.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            return left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
                && last == right.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
        }
        for at in 0..<count where left.load(fromByteOffset: at, as: UInt8.self) != right.load(fromByteOffset: at, as: UInt8.self) {
            return false
        }
        return true
    }
}
