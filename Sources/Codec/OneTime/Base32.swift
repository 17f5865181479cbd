/// Base32 (RFC 4648, section 6), as authenticator apps show and take a secret: without padding.
///
/// People read it from a screen and type it, so reading takes either case and blanks anywhere. Otherwise it is strict: no other
/// alphabet's characters, no bits left over.
public enum Base32 {
    /// `bytes` as text, upper case.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 8 + 4) / 5)
        var bits: UInt32 = 0
        var held = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 5 {
                held -= 5
                text.append(character(for: bits >> UInt32(held)))
            }
        }
        if held > 0 { text.append(character(for: bits << UInt32(5 - held))) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` spells; nil when, but for case and blanks, it is not what `encode` would write.
    public static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for character in text.utf8 where character != UInt8(ascii: " ") {
            guard let value = value(of: character) else { return nil }
            bits = bits << 5 | UInt32(value)
            held += 5
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        // Five bits or more would be a character that spells nothing.
        return held < 5 && bits & (1 << UInt32(held) - 1) == 0 ? bytes : nil
    }

    private static func character(for bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 31)
        return value < 26 ? UInt8(ascii: "A") + value : UInt8(ascii: "2") + value - 26
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): character - UInt8(ascii: "2") + 26
        default: nil
        }
    }
}
