/// Days and dates of the Gregorian calendar, carried back before its beginning as ISO 8601 does.
///
/// Years are counted from March, so that the leap day is the last of its year, in eras of 400 years, which all have the same
/// number of days.
enum Calendar {
    private static let daysOfEra = 146_097
    /// From 0000-03-01, where eras begin, to 1970-01-01.
    private static let epoch = 719_468

    /// The days from 1970-01-01 to a date.
    static func day(year: Int, month: Int, day: Int) -> Int {
        let yearFromMarch = month > 2 ? year : year - 1
        let era = floored(yearFromMarch, 400)
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * daysOfEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - epoch
    }

    /// The date so many days after 1970-01-01.
    static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        let fromEpoch = day + epoch
        let era = floored(fromEpoch, daysOfEra)
        let dayOfEra = fromEpoch - era * daysOfEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// 0 for Sunday, as in an HTTP date.
    static func weekday(ofDay day: Int) -> Int { (day % 7 + 11) % 7 }

    static func isDate(year: Int, month: Int, day: Int) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return day <= (month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31)
    }

    /// Division that rounds towards the past, as `/` does not.
    static func floored<Number: BinaryInteger>(_ value: Number, _ unit: Number) -> Number {
        let quotient = value / unit
        return value % unit < 0 ? quotient - 1 : quotient
    }
}

/// Walks over a text of numbers and marks. Inlined, so that the fixed numbers of digits become straight lines of code.
struct DigitScan {
    private let base: UnsafeRawPointer
    private let count: Int
    private var at = 0

    /// The bytes must outlive the scan.
    init(_ bytes: UnsafeRawBufferPointer) {
        base = bytes.baseAddress ?? UnsafeRawPointer(("" as StaticString).utf8Start)
        count = bytes.count
    }

    var isAtEnd: Bool { at == count }

    /// Takes exactly so many digits; nil, and nothing taken, when they are not there.
    @inline(__always) mutating func number(_ digits: Int) -> Int? {
        guard digits <= count &- at else { return nil }
        var value = 0
        for place in 0..<digits {
            let digit = base.load(fromByteOffset: at &+ place, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        at &+= digits
        return value
    }

    /// Takes one character when it comes next, and says whether it did.
    @inline(__always) mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < count, base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: character) else { return false }
        at &+= 1
        return true
    }

    /// Takes one of `words`, which are all of three letters, and says which.
    mutating func word(of words: [StaticString]) -> Int? {
        guard count - at >= 3 else { return nil }
        let found = words.firstIndex { word in ShortBytes.areEqual(base + at, word.utf8Start, count: 3) }
        if found != nil { at += 3 }
        return found
    }
}
