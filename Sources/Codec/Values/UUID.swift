/// A 128-bit id (RFC 9562). Ours are version 7, which sort by the time they were made; any version is accepted and kept.
public struct UUID: Hashable, Sendable {
    /// The first eight bytes, most significant first.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// All bits zero.
    public static let zero = UUID(high: 0, low: 0)

    /// Version 7: 48 bits of `time`, then 74 bits taken from `high` and `low`.
    public static func v7(at time: Timestamp, random high: UInt64, _ low: UInt64) -> UUID {
        let stamp = UInt64(truncatingIfNeeded: max(0, time.milliseconds)) & 0xFFFF_FFFF_FFFF
        return UUID(high: stamp << 16 | 0x7000 | high & 0x0FFF, low: 1 << 63 | low & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// Version 4: 122 random bits, for what must not tell when it was made.
    public static func v4(random high: UInt64, _ low: UInt64) -> UUID {
        UUID(high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low: 1 << 63 | low & 0x3FFF_FFFF_FFFF_FFFF)
    }

    public var version: Int { Int(high >> 12 & 15) }

    /// The time inside a version 7; nil for the others.
    public var time: Timestamp? { version == 7 ? Timestamp(milliseconds: Int64(high >> 16)) : nil }
}

extension UUID: Comparable {
    public static func < (left: UUID, right: UUID) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

// MARK: As text

extension UUID: CustomStringConvertible {
    /// Reads `8-4-4-4-12` hexadecimal digits in either case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8)
        guard let id = bytes.withUnsafeMutableBytes({ UUID(bytes: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = id
    }

    /// Reads `8-4-4-4-12` hexadecimal digits in either case; nil for anything else.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 36, let base = bytes.baseAddress else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for at in 0..<36 {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if at == 8 || at == 13 || at == 18 || at == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = Hex.value(of: byte) else { return nil }
            if digits < 16 { halves.0 = halves.0 << 4 | UInt64(value) } else { halves.1 = halves.1 << 4 | UInt64(value) }
            digits &+= 1
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// Appends the 36 characters, lower case.
    public func write(to out: inout ByteWriter) {
        out.append(count: 36) { room in
            guard let base = room.baseAddress else { return }
            func hyphen(_ offset: Int) { base.storeBytes(of: UInt8(ascii: "-"), toByteOffset: offset, as: UInt8.self) }
            let first = UUID.digits(UInt32(truncatingIfNeeded: high >> 32))
            let second = UUID.digits(UInt32(truncatingIfNeeded: high))
            let third = UUID.digits(UInt32(truncatingIfNeeded: low >> 32))
            let fourth = UUID.digits(UInt32(truncatingIfNeeded: low))
            base.storeBytes(of: first, as: UInt64.self)
            hyphen(8)
            base.storeBytes(of: UInt32(truncatingIfNeeded: second), toByteOffset: 9, as: UInt32.self)
            hyphen(13)
            base.storeBytes(of: UInt32(truncatingIfNeeded: second >> 32), toByteOffset: 14, as: UInt32.self)
            hyphen(18)
            base.storeBytes(of: UInt32(truncatingIfNeeded: third), toByteOffset: 19, as: UInt32.self)
            hyphen(23)
            base.storeBytes(of: UInt32(truncatingIfNeeded: third >> 32), toByteOffset: 24, as: UInt32.self)
            base.storeBytes(of: fourth, toByteOffset: 28, as: UInt64.self)
        }
    }

    /// The 36 characters, lower case.
    public var description: String {
        var out = ByteWriter(capacity: 36)
        write(to: &out)
        return out.text
    }

    /// Eight hexadecimal digits, the first in the lowest byte: the nibbles are spread over eight bytes, then all turned into
    /// digits at once (adding 6 carries into bit 4 exactly where a letter is needed, 39 more than a number).
    private static func digits(_ value: UInt32) -> UInt64 {
        var spread = UInt64(value.byteSwapped)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        spread = (spread >> 4 & 0x000F_000F_000F_000F) | (spread & 0x000F_000F_000F_000F) << 8
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 39).littleEndian
    }
}
