/// Says whether bytes are UTF-8, however they are cut: a text may come in many frames, and a scalar may straddle two of them.
///
/// Strict (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. Once it said no it stays at no.
public struct UTF8Check: Sendable {
    /// How many continuation bytes the scalar that was begun still needs.
    private var needed: UInt8 = 0
    /// What the next continuation byte may be; narrower than 80…BF only right after some lead bytes.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF
    private var failed = false

    public init() {}

    /// Whether all that came so far is UTF-8 and ends with a whole scalar.
    public var isFinished: Bool { needed == 0 && !failed }

    /// Takes the next bytes. False as soon as they cannot be the start of any UTF-8 text.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !failed else { return false }
        guard let base = bytes.baseAddress else { return true }
        var at = 0
        while at < bytes.count {
            if needed == 0 {
                at = UTF8Check.skipASCII(base, from: at, to: bytes.count)
                if at == bytes.count { return true }
            }
            guard step(base.load(fromByteOffset: at, as: UInt8.self)) else {
                failed = true
                return false
            }
            at &+= 1
        }
        return true
    }

    /// Whether `bytes` alone are a whole UTF-8 text.
    public static func accepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var check = UTF8Check()
        return check.feed(bytes) && check.isFinished
    }

    /// Whether `bytes` alone are a whole UTF-8 text.
    public static func accepts(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { accepts($0) }
    }

    /// The offset of the first byte from `start` on that is not ASCII; `end` when there is none. Sixteen bytes at a time.
    static func skipASCII(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var at = start
        while end &- at >= 16 {
            let first = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let second = base.loadUnaligned(fromByteOffset: at &+ 8, as: UInt64.self)
            if (first | second) & 0x8080_8080_8080_8080 != 0 { break }
            at &+= 16
        }
        while at < end, base.load(fromByteOffset: at, as: UInt8.self) < 0x80 { at &+= 1 }
        return at
    }

    private mutating func step(_ byte: UInt8) -> Bool {
        if needed > 0 {
            guard byte >= lowest && byte <= highest else { return false }
            needed &-= 1
            lowest = 0x80
            highest = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: needed = 1
        case 0xE0...0xEF:
            needed = 2
            if byte == 0xE0 { lowest = 0xA0 }  // below is overlong
            if byte == 0xED { highest = 0x9F }  // above are the surrogates
        case 0xF0...0xF4:
            needed = 3
            if byte == 0xF0 { lowest = 0x90 }  // below is overlong
            if byte == 0xF4 { highest = 0x8F }  // above is past U+10FFFF
        default: return false
        }
        return true
    }
}
