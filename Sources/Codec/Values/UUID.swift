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
        let bytes = Array(text.utf8)
        guard let id = bytes.withUnsafeBytes({ UUID(bytes: $0) }) else { return nil }
        self = id
    }

    /// Reads `8-4-4-4-12` hexadecimal digits in either case; nil for anything else.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 36, let base = bytes.baseAddress else { return nil }
        func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }
        guard byte(8) & byte(13) & byte(18) & byte(23) == UInt8(ascii: "-"), byte(8) | byte(13) | byte(18) | byte(23) == UInt8(ascii: "-")
        else { return nil }
        func eight(_ offset: Int) -> UInt64 { UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
        func four(_ offset: Int) -> UInt64 { UInt64(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) }
        guard let first = UUID.value(ofDigits: eight(0)), let second = UUID.value(ofDigits: four(9) | four(14) << 32),
            let third = UUID.value(ofDigits: four(19) | four(24) << 32), let fourth = UUID.value(ofDigits: eight(28))
        else { return nil }
        self.init(high: first << 32 | second, low: third << 32 | fourth)
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
    /// What eight hexadecimal digits are worth, the first in the lowest byte; nil when one is none. All at once: adding a number to
    /// every byte sets its high bit just where the byte is past a bound, and no byte below 0x80 carries into the next.
    private static func value(ofDigits text: UInt64) -> UInt64? {
        let high: UInt64 = 0x8080_8080_8080_8080
        let lower = text | 0x2020_2020_2020_2020
        let digits = (text &+ 0x5050_5050_5050_5050) & ~(text &+ 0x4646_4646_4646_4646)  // from 0x30, not past 0x39
        let letters = (lower &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(lower &+ 0x1919_1919_1919_1919) & high  // from 0x61, not past 0x66
        guard text & high == 0, (digits | letters) & high == high else { return nil }
        var packed = (text & 0x0F0F_0F0F_0F0F_0F0F) &+ (letters >> 7) &* 9
        packed = (packed << 4 | packed >> 8) & 0x00FF_00FF_00FF_00FF
        packed = (packed | packed >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt64(UInt32(truncatingIfNeeded: packed | packed >> 16).byteSwapped)
    }
}
