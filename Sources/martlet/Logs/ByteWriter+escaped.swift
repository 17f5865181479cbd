import Codec

/// Text from outside, made harmless: it can end neither a line nor a string, move no cursor, and hide nothing.
///
/// Beyond what JSON asks for, this escapes DEL, the C1 controls, line and paragraph separators and the marks that turn
/// the direction of writing round: a log is also read on terminals. Bytes that are no UTF-8 become U+FFFD.
extension ByteWriter {
    /// A JSON string of text of ours, which holds nothing to escape.
    mutating func appendJSON(plain text: String) {
        append(UInt8(ascii: "\""))
        append(text)
        append(UInt8(ascii: "\""))
    }

    /// A JSON string with its quotes.
    mutating func appendJSON(_ bytes: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        appendEscaped(bytes, isQuoted: true)
        append(UInt8(ascii: "\""))
    }

    mutating func appendJSON(_ text: String) {
        var text = text
        text.withUTF8 { appendJSON(UnsafeRawBufferPointer($0)) }
    }

    /// The value of a `name=value` pair: bare when it is one plain word, a JSON string otherwise.
    mutating func appendWord(_ bytes: UnsafeRawBufferPointer) {
        let isWord = !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C && $0 != UInt8(ascii: "=") }
        if isWord { append(bytes) } else { appendJSON(bytes) }
    }

    mutating func appendWord(_ text: String) {
        var text = text
        text.withUTF8 { appendWord(UnsafeRawBufferPointer($0)) }
    }

    /// Running text, where quotes need no escape.
    mutating func appendEscaped(_ text: String) {
        var text = text
        text.withUTF8 { appendEscaped(UnsafeRawBufferPointer($0), isQuoted: false) }
    }

    /// Copies plain bytes whole, as nearly all are, and looks closer only at what is not plain.
    mutating func appendEscaped(_ bytes: UnsafeRawBufferPointer, isQuoted: Bool) {
        if isPlain(bytes) { append(bytes) } else { appendRuns(of: bytes, isQuoted: isQuoted) }
    }

    @inline(never) private mutating func appendRuns(of bytes: UnsafeRawBufferPointer, isQuoted: Bool) {
        var start = 0
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x20 && byte < 0x7F && byte != 0x5C && (byte != 0x22 || !isQuoted) {
                at &+= 1
                continue
            }
            append(UnsafeRawBufferPointer(rebasing: bytes[start..<at]))
            at &+= appendUncommon(UnsafeRawBufferPointer(rebasing: bytes[at...]))
            start = at
        }
        append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }

    /// Appends the character that `bytes` begins with, and says how many bytes it took.
    @inline(never) private mutating func appendUncommon(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch bytes[0] {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        case 0..<0x80: appendHexEscape(UInt32(bytes[0]))
        default:
            guard let (scalar, length) = firstScalar(of: bytes) else {
                append("\u{FFFD}")
                return 1
            }
            if isTreacherous(scalar) {
                appendHexEscape(scalar)
            } else {
                append(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
            }
            return length
        }
        return 1
    }

    private mutating func appendHexEscape(_ scalar: UInt32) {
        append("\\u")
        for shift in [12, 8, 4, 0] as [UInt32] {
            let digit = UInt8(truncatingIfNeeded: scalar >> shift & 0xF)
            append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}

/// Whether all bytes are ASCII from the blank to `~` and none is a quote or a backslash. Looks at eight at a time.
private func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress else { return true }
    var found: UInt64 = 0
    guard bytes.count >= 8 else {
        for byte in bytes { found |= oddities(UInt64(byte) | 0x2020_2020_2020_2000) }
        return found == 0
    }
    var at = 0
    while at &+ 8 <= bytes.count {
        found |= oddities(start.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        at &+= 8
    }
    // The last eight, some of them a second time.
    return found | oddities(start.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)) == 0
}

/// Zero when none of eight bytes is odd. Subtracting borrows from the next byte only where the byte before is odd itself,
/// so that a zero is never wrong.
private func oddities(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let belowBlank = word &- ones &* 0x20
    let isQuote = (word ^ ones &* 0x22) &- ones
    let isBackslash = (word ^ ones &* 0x5C) &- ones
    let isDelete = word &+ ones
    return (word | belowBlank | isQuote | isBackslash | isDelete) & (ones &* 0x80)
}

/// Controls and marks that change what a terminal shows of the characters around them. All are below U+10000.
private func isTreacherous(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
}

/// The character of two to four bytes that well-formed UTF-8 begins with, by table 3-7 of the Unicode Standard.
private func firstScalar(of bytes: UnsafeRawBufferPointer) -> (scalar: UInt32, length: Int)? {
    let first = bytes[0]
    let length: Int
    let second: ClosedRange<UInt8>
    switch first {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard bytes.count >= length, second.contains(bytes[1]) else { return nil }
    var scalar = UInt32(first) & (0xFF >> UInt32(length + 1))
    for byte in bytes[1..<length] {
        guard byte & 0xC0 == 0x80 else { return nil }
        scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    return (scalar, length)
}
