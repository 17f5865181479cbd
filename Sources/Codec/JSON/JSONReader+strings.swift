/// Strings: eight bytes at a time while they are plain, byte by byte where an escape or a scalar beyond ASCII begins.
extension JSONReader {
    /// Takes the next string as it stands, without copying it.
    public mutating func readText() throws(JSONFault) -> JSONText {
        guard try firstByte() == UInt8(ascii: "\"") else { throw fault(.otherKind) }
        let start = offset &+ 1
        var at = start
        var isEscaped = false
        var hasNUL = false
        var marks = CombiningMarks()
        while true {
            let plain = skipPlain(from: at)
            if plain != at { marks.takeOther() }
            at = plain
            guard at < end else { throw JSONFault(.endOfText, at: end) }
            let byte = byte(at: at)
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                at = try passEscape(at: at, &hasNUL, &marks)
            } else if byte < 0x20 {
                throw JSONFault(.controlCharacter, at: at)
            } else {
                at = try passScalar(at: at, &marks)
            }
        }
        offset = at &+ 1
        return JSONText(
            start: base + start, length: at &- start, isEscaped: isEscaped, hasNUL: hasNUL,
            hasTooManyMarks: marks.areTooMany && !isOurs)
    }

    /// Takes the next string. Throws `.tooManyMarks` for one with too many combining marks in a row.
    public mutating func readString() throws(JSONFault) -> String {
        let start = offset
        guard let string = try readText().string else { throw JSONFault(.tooManyMarks, at: start) }
        return string
    }

    /// The first byte from `start` on that is a quote, a backslash, a control character or not ASCII.
    ///
    /// Each subtraction sets the high bit of a byte that is below 0x20, or that became 0 by the exclusive or. A borrow may set
    /// it wrongly only above a byte that has it rightly, and we take the lowest.
    @inline(__always) private func skipPlain(from start: Int) -> Int {
        var at = start
        while end &- at >= 8 {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let control = word &- 0x2020_2020_2020_2020
            let quote = (word ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
            let backslash = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
            let special = (word | control | quote | backslash) & 0x8080_8080_8080_8080
            if special != 0 { return at &+ special.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < end {
            let byte = byte(at: at)
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return at }
            at &+= 1
        }
        return at
    }

    /// Checks the escape at `place` and says where it ends. A high surrogate must be followed by its low one.
    private func passEscape(at place: Int, _ hasNUL: inout Bool, _ marks: inout CombiningMarks) throws(JSONFault) -> Int {
        guard place &+ 1 < end else { throw JSONFault(.endOfText, at: end) }
        switch byte(at: place &+ 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            marks.takeOther()
            return place &+ 2
        case UInt8(ascii: "u"): break
        default: throw JSONFault(.badEscape, at: place)
        }
        let first = try unit(at: place)
        if first == 0 { hasNUL = true }
        guard first & 0xF800 == 0xD800 else {
            marks.take(first)
            return place &+ 6
        }
        guard first & 0xFC00 == 0xD800, place &+ 8 <= end, byte(at: place &+ 6) == UInt8(ascii: "\\"),
            byte(at: place &+ 7) == UInt8(ascii: "u")
        else { throw JSONFault(.loneSurrogate, at: place) }
        let second = try unit(at: place &+ 6)
        guard second & 0xFC00 == 0xDC00 else { throw JSONFault(.loneSurrogate, at: place) }
        marks.take(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
        return place &+ 12
    }

    /// The UTF-16 unit that the `\uXXXX` at `place` names.
    private func unit(at place: Int) throws(JSONFault) -> UInt32 {
        guard place &+ 6 <= end else { throw JSONFault(.endOfText, at: end) }
        var value: UInt32 = 0
        for at in (place &+ 2)..<(place &+ 6) {
            guard let digit = Hex.value(of: byte(at: at)) else { throw JSONFault(.badEscape, at: place) }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Checks the UTF-8 of the scalar beyond ASCII at `place` and says where it ends (Unicode 15, table 3-7).
    private func passScalar(at place: Int, _ marks: inout CombiningMarks) throws(JSONFault) -> Int {
        let lead = byte(at: place)
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard lead >= 0xC2 && lead <= 0xF4, place &+ length <= end else { throw JSONFault(.notUTF8, at: place) }
        let second = byte(at: place &+ 1)
        let lowest: UInt8 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
        let highest: UInt8 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
        guard second >= lowest && second <= highest else { throw JSONFault(.notUTF8, at: place) }
        var scalar = (UInt32(lead) & (0x7F >> UInt32(length))) << 6 | UInt32(second & 0x3F)
        for at in (place &+ 2)..<(place &+ length) {
            let byte = byte(at: at)
            guard byte & 0xC0 == 0x80 else { throw JSONFault(.notUTF8, at: place) }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        marks.take(scalar)
        return place &+ length
    }
}
