/// Escaping: clean text, nearly all of it, is looked through eight bytes at a time and copied whole.
extension JSONWriter {
    mutating func escape(_ text: String) {
        var text = text
        text.withUTF8 { escape(UnsafeRawBufferPointer($0)) }
    }

    /// Appends `bytes`, which are UTF-8, between quotes.
    mutating func escape(_ bytes: UnsafeRawBufferPointer) {
        out.reserve(bytes.count &+ 2)
        out.push(UInt8(ascii: "\""))
        if let base = bytes.baseAddress { appendEscaped(base, count: bytes.count) }
        out.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ base: UnsafeRawPointer, count: Int) {
        var at = JSONWriter.skipClean(base, from: 0, to: count)
        if at == count { return out.push(base, count: count) }  // room was reserved for the whole
        var clean = 0
        while at < count {
            out.append(UnsafeRawBufferPointer(start: base + clean, count: at &- clean))
            appendEscape(of: base.load(fromByteOffset: at, as: UInt8.self))
            clean = at &+ 1
            at = JSONWriter.skipClean(base, from: clean, to: count)
        }
        out.append(UnsafeRawBufferPointer(start: base + clean, count: count &- clean))
    }

    /// The first byte from `start` on that is a quote, a backslash or a control character.
    ///
    /// As in the reader a borrow may only mark a byte above one that is marked rightly. Bytes beyond ASCII are clean here, so
    /// their high bits are masked out of the test and put back out of the answer.
    @inline(__always) private static func skipClean(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var at = start
        while end &- at >= 8 {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let control = word &- 0x2020_2020_2020_2020
            let quote = (word ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
            let backslash = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
            let special = (control | quote | backslash) & ~word & 0x8080_8080_8080_8080
            if special != 0 { return at &+ special.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < end {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return at }
            at &+= 1
        }
        return at
    }

    private mutating func appendEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): out.append("\\\"")
        case UInt8(ascii: "\\"): out.append("\\\\")
        case 0x08: out.append("\\b")
        case 0x09: out.append("\\t")
        case 0x0A: out.append("\\n")
        case 0x0C: out.append("\\f")
        case 0x0D: out.append("\\r")
        default:
            out.append("\\u00")
            out.append(Hex.digit(byte >> 4))
            out.append(Hex.digit(byte & 15))
        }
    }
}
