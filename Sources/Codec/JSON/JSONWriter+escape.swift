/// Escaping: clean text, nearly all of it, is looked through eight bytes at a time and copied whole.
extension JSONWriter {
    /// Appends a comma if one is due, and `text` between quotes.
    mutating func escape(_ text: String) {
        // Every string of our own making is contiguous; only a lazily bridged one would have to be copied first.
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { escape(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(text.utf8).withUnsafeBytes { escape($0) } }
    }

    private mutating func escape(_ bytes: UnsafeRawBufferPointer) {
        let count = bytes.count
        guard let base = bytes.baseAddress else { return value("" as StaticString) }
        let clean = JSONWriter.skipClean(base, from: 0, to: count)
        let comma = needsComma
        out.append(upTo: clean &+ 3) { start in
            let at = JSONWriter.open(start, comma)
            ShortBytes.copy(base, to: at, count: clean)
            (at + clean).storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            return at + (clean == count ? clean &+ 1 : clean)
        }
        if clean < count { appendEscaped(base, from: clean, to: count) }
    }

    /// Appends the rest of a text, which begins with a byte to be escaped, and its quote.
    private mutating func appendEscaped(_ base: UnsafeRawPointer, from start: Int, to end: Int) {
        var at = start
        while at < end {
            appendEscape(of: base.load(fromByteOffset: at, as: UInt8.self))
            let clean = JSONWriter.skipClean(base, from: at &+ 1, to: end)
            out.append(UnsafeRawBufferPointer(start: base + at + 1, count: clean &- at &- 1))
            at = clean
        }
        out.append(UInt8(ascii: "\""))
    }

    /// The first byte from `start` on that is a quote, a backslash or a control character.
    @inline(__always) private static func skipClean(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var at = start
        while end &- at >= 8 {
            let special = special(base, at)
            if special != 0 { return at &+ special.trailingZeroBitCount / 8 }
            at &+= 8
        }
        if at == end { return end }
        if end &- start >= 8 {
            // The last eight bytes, of which the first few are known to be clean.
            let special = special(base, end &- 8)
            return special == 0 ? end : end &- 8 &+ special.trailingZeroBitCount / 8
        }
        while at < end {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return at }
            at &+= 1
        }
        return at
    }

    /// Eight bytes at once: the high bit of each that must be escaped, as far as the lowest one.
    ///
    /// As in the reader a borrow may only mark a byte above one that is marked rightly. Bytes beyond ASCII are clean here.
    @inline(__always) private static func special(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let control = word &- 0x2020_2020_2020_2020
        let quote = (word ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
        let backslash = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
        return (control | quote | backslash) & ~word & 0x8080_8080_8080_8080
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
