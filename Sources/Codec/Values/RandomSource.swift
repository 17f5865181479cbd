import Glibc

/// The kernel's randomness, fetched 4 KiB at a time: fit for tokens and ids, and cheap enough for every request.
///
/// Bytes are given out once and wiped. One owner; a process that forks must not share it.
public struct RandomSource: ~Copyable {
    private static let size = 4096
    private let buffer: UnsafeMutableRawPointer
    /// How much of the buffer was given out.
    private var used = RandomSource.size

    public init() { buffer = UnsafeMutableRawPointer.allocate(byteCount: RandomSource.size, alignment: 16) }

    deinit {
        explicit_bzero(buffer, RandomSource.size)
        buffer.deallocate()
    }

    /// Sixty-four random bits.
    public mutating func next() -> UInt64 {
        if used &+ 8 > RandomSource.size { refill() }
        let value = buffer.loadUnaligned(fromByteOffset: used, as: UInt64.self)
        buffer.storeBytes(of: 0, toByteOffset: used, as: UInt64.self)
        used &+= 8
        return value
    }

    /// So many random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let word = next()
            for shift in stride(from: UInt64(0), to: 64, by: 8) where bytes.count < count {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// `getentropy` gives 256 bytes at a time and is never short. A machine that cannot give randomness can keep no secret, so
    /// there is nothing better to do than stop.
    private mutating func refill() {
        for part in stride(from: 0, to: RandomSource.size, by: 256) {
            precondition(getentropy(buffer + part, 256) == 0, "the kernel gives no randomness")
        }
        used = 0
    }
}
