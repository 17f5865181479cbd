/// Base64 (RFC 4648), strict: one text for each bytes. No white space, no other alphabet's characters, no bits left over.
public enum Base64 {
    public enum Alphabet: Sendable {
        /// With `+` and `/`.
        case standard
        /// With `-` and `_`, for addresses and tokens.
        case url
    }

    /// `bytes` as text.
    public static func encode(_ bytes: UnsafeRawBufferPointer, _ alphabet: Alphabet = .standard, padded: Bool = true) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var held = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text.append(character(for: bits >> UInt32(held), alphabet))
            }
        }
        if held > 0 { text.append(character(for: bits << UInt32(6 - held), alphabet)) }
        while padded && !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
        return text
    }

    /// `bytes` as text.
    public static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .standard, padded: Bool = true) -> String {
        String(decoding: bytes.withUnsafeBytes { encode($0, alphabet, padded: padded) }, as: UTF8.self)
    }

    /// The bytes that `text` spells, nil when it is not exactly what `encode` would write.
    public static func decode(_ text: UnsafeRawBufferPointer, _ alphabet: Alphabet = .standard, padded: Bool = true) -> [UInt8]? {
        var count = text.count
        if padded {
            guard count.isMultiple(of: 4) else { return nil }
            while count > 0 && text.count - count < 2 && text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        }
        guard count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 3 / 4)
        var bits: UInt32 = 0
        var held = 0
        for at in 0..<count {
            guard let value = value(of: text[at], alphabet) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        return bits & (1 << UInt32(held) - 1) == 0 ? bytes : nil
    }

    /// The bytes that `text` spells; see `decode`.
    public static func decode(_ text: String, _ alphabet: Alphabet = .standard, padded: Bool = true) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { decode($0, alphabet, padded: padded) }
    }

    private static func character(for bits: UInt32, _ alphabet: Alphabet) -> UInt8 {
        switch UInt8(truncatingIfNeeded: bits & 63) {
        case let value where value < 26: UInt8(ascii: "A") + value
        case let value where value < 52: UInt8(ascii: "a") + value - 26
        case let value where value < 62: UInt8(ascii: "0") + value - 52
        case 62: alphabet == .url ? UInt8(ascii: "-") : UInt8(ascii: "+")
        default: alphabet == .url ? UInt8(ascii: "_") : UInt8(ascii: "/")
        }
    }

    private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+") where alphabet == .standard, UInt8(ascii: "-") where alphabet == .url: 62
        case UInt8(ascii: "/") where alphabet == .standard, UInt8(ascii: "_") where alphabet == .url: 63
        default: nil
        }
    }
}
