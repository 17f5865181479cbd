/// Numbers: an `Int` when one was written, a `Double` otherwise, never a rounded integer.
extension JSONReader {
    /// What a number turned out to be.
    public enum Number: Equatable, Sendable {
        case integer(Int)
        case double(Double)
    }

    /// Takes the next number. Throws `.numberTooLarge` for what no `Double` reaches.
    public mutating func readNumber() throws(JSONFault) -> Number {
        guard try peek() == .number else { throw fault(.otherKind) }
        let start = offset
        let scan = try scanNumber()
        if scan.isWhole, let integer = scan.integer { return .integer(integer) }
        let double = scan.quickDouble ?? slowDouble(from: start)
        guard double.isFinite else { throw JSONFault(.numberTooLarge, at: start) }
        return .double(double)
    }

    /// Takes the next number, which must be whole: `3` and `3.0`, but not `3.5` (`.otherKind`) or `1e30` (`.numberTooLarge`).
    public mutating func readInt() throws(JSONFault) -> Int {
        let start = offset
        switch try readNumber() {
        case .integer(let integer): return integer
        case .double(let double):
            guard double.rounded() == double else { throw JSONFault(.otherKind, at: start) }
            guard double.magnitude < 0x1p53 else { throw JSONFault(.numberTooLarge, at: start) }
            return Int(double)
        }
    }

    /// Takes the next number.
    public mutating func readDouble() throws(JSONFault) -> Double {
        switch try readNumber() {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        }
    }

    /// What one pass over a number's characters finds out.
    struct NumberScan {
        var isNegative = false
        /// Neither point nor exponent.
        var isWhole = true
        /// The first nineteen significant digits.
        var digits: UInt64 = 0
        /// How many there were in all.
        var digitCount = 0
        /// The power of ten that `digits` is to be taken with, as far as it stayed small enough to matter.
        var exponent = 0

        /// The whole number; nil when an `Int` cannot hold it.
        var integer: Int? {
            guard digitCount <= 19 else { return nil }
            if isNegative { return digits <= Int.min.magnitude ? Int(truncatingIfNeeded: 0 &- digits) : nil }
            return Int(exactly: digits)
        }

        /// The exact value where one multiplication or division of two exact doubles gives it (Clinger's fast case).
        var quickDouble: Double? {
            guard digitCount <= 19, digits <= 1 << 53, exponent >= -22 && exponent <= 22 else { return nil }
            let whole = Double(digits)
            let power = JSONReader.powersOfTen[exponent.magnitude > 22 ? 0 : Int(exponent.magnitude)]
            let value = exponent < 0 ? whole / power : whole * power
            return isNegative ? -value : value
        }
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// Passes over a number and keeps what it says. Throws `.badNumber` for what JSON does not have.
    mutating func scanNumber() throws(JSONFault) -> NumberScan {
        var scan = NumberScan()
        let start = offset
        if byte(at: offset) == UInt8(ascii: "-") {
            scan.isNegative = true
            offset &+= 1
        }
        let first = offset
        guard takeDigits(into: &scan) > 0 else { throw JSONFault(.badNumber, at: start) }
        guard byte(at: first) != UInt8(ascii: "0") || offset == first &+ 1 else { throw JSONFault(.badNumber, at: start) }
        if offset < end, byte(at: offset) == UInt8(ascii: ".") {
            offset &+= 1
            scan.isWhole = false
            let places = takeDigits(into: &scan)
            guard places > 0 else { throw JSONFault(.badNumber, at: start) }
            scan.exponent = -places
        }
        if offset < end, byte(at: offset) | 0x20 == UInt8(ascii: "e") {
            offset &+= 1
            scan.isWhole = false
            guard let power = takeExponent() else { throw JSONFault(.badNumber, at: start) }
            scan.exponent += power
        }
        return scan
    }

    /// Takes digits, adds the first nineteen that count to the scan, and says how many it took.
    private mutating func takeDigits(into scan: inout NumberScan) -> Int {
        let start = offset
        while offset < end {
            let digit = byte(at: offset) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if scan.digitCount < 19 { scan.digits = scan.digits &* 10 &+ UInt64(digit) }
            if scan.digits > 0 { scan.digitCount &+= 1 }
            offset &+= 1
        }
        return offset &- start
    }

    /// The exponent's value, held at a size where it is hopeless anyway; nil when it has no digits.
    private mutating func takeExponent() -> Int? {
        var isNegative = false
        if offset < end, byte(at: offset) == UInt8(ascii: "-") || byte(at: offset) == UInt8(ascii: "+") {
            isNegative = byte(at: offset) == UInt8(ascii: "-")
            offset &+= 1
        }
        let start = offset
        var value = 0
        while offset < end {
            let digit = byte(at: offset) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = min(value * 10 + Int(digit), 1 << 40)
            offset &+= 1
        }
        guard offset > start else { return nil }
        return isNegative ? -value : value
    }

    /// The nearest `Double` by the standard library, for numbers long or extreme enough to need it.
    @inline(never) private func slowDouble(from start: Int) -> Double {
        let text = String(decoding: UnsafeRawBufferPointer(start: base + start, count: offset - start), as: UTF8.self)
        return Double(text) ?? .infinity
    }
}
