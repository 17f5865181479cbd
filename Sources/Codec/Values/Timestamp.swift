/// A moment: milliseconds since 1970-01-01T00:00:00Z, without leap seconds. What every time of ours is, in memory and in the database.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public init(seconds: Int64) { milliseconds = seconds * 1000 }

    /// Whole seconds, rounded towards the past.
    public var seconds: Int64 { Calendar.floored(milliseconds, 1000) }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// 0001-01-01T00:00:00.000Z, the first moment that RFC 3339's four digits of year and our rules can write.
    public static let earliest = Timestamp(milliseconds: -62_135_596_800_000)
    /// 9999-12-31T23:59:59.999Z, the last one.
    public static let latest = Timestamp(milliseconds: 253_402_300_799_999)
}

// MARK: RFC 3339

extension Timestamp: CustomStringConvertible {
    /// `2025-07-23T12:30:00.000Z`
    public var description: String {
        var out = ByteWriter(capacity: 24)
        write(to: &out)
        return out.text
    }

    /// Appends `2025-07-23T12:30:00.000Z`. A moment outside the years 1 to 9999 is written as the nearest inside.
    public func write(to out: inout ByteWriter) {
        let inside = min(max(self, .earliest), .latest).milliseconds
        let day = Calendar.floored(inside, 86_400_000)
        let time = Int(inside - day * 86_400_000)
        let date = Calendar.date(ofDay: Int(day))
        out.append(count: 24) { room in
            guard let base = room.baseAddress else { return }
            // Two digits and the mark after them at once; what is written over the next digits is overwritten by them.
            func put(_ value: Int, at offset: Int, then mark: UInt8) {
                let digits = UInt32(truncatingIfNeeded: 0x3030 &+ value / 10 &+ (value % 10) << 8)
                base.storeBytes(of: (digits | UInt32(mark) << 16).littleEndian, toByteOffset: offset, as: UInt32.self)
            }
            put(date.year / 100, at: 0, then: 0)
            put(date.year % 100, at: 2, then: UInt8(ascii: "-"))
            put(date.month, at: 5, then: UInt8(ascii: "-"))
            put(date.day, at: 8, then: UInt8(ascii: "T"))
            put(time / 3_600_000, at: 11, then: UInt8(ascii: ":"))
            put(time / 60_000 % 60, at: 14, then: UInt8(ascii: ":"))
            put(time / 1000 % 60, at: 17, then: UInt8(ascii: "."))
            put(time % 1000 / 10, at: 20, then: UInt8(truncatingIfNeeded: 48 + time % 10))
            base.storeBytes(of: UInt8(ascii: "Z"), toByteOffset: 23, as: UInt8.self)
        }
    }

    /// Reads an RFC 3339 time with any offset; nil for anything else, and for what is outside the years 1 to 9999.
    ///
    /// `t`, `z` and a blank for the `T` are taken, as its section 5.6 allows. Digits past the milliseconds are cut off. A leap
    /// second is the moment after it: our count has none.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard let moment = bytes.withUnsafeBytes({ Timestamp(bytes: $0) }) else { return nil }
        self = moment
    }

    /// Reads an RFC 3339 time with any offset; see `init(_:)`.
    public init?(bytes: UnsafeRawBufferPointer) {
        var scan = DigitScan(bytes)
        guard let year = scan.number(4), scan.take("-"), let month = scan.number(2), scan.take("-"), let day = scan.number(2),
            scan.take("T") || scan.take("t") || scan.take(" "),
            let hour = scan.number(2), scan.take(":"), let minute = scan.number(2), scan.take(":"), let second = scan.number(2),
            let fraction = scan.milliseconds(), let offset = scan.offset(), scan.isAtEnd,
            year >= 1, Calendar.isDate(year: year, month: month, day: day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = Calendar.day(year: year, month: month, day: day)
        let moment = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
        self.init(milliseconds: Int64(moment * 1000 + fraction))
        guard self >= .earliest && self <= .latest else { return nil }
    }
}

extension DigitScan {
    /// The part after the seconds, in milliseconds: none is 0. Nil for a point without digits.
    fileprivate mutating func milliseconds() -> Int? {
        guard take(".") else { return 0 }
        var value = 0
        var places = 0
        while let digit = number(1) {
            if places < 3 { value = value * 10 + digit }
            places += 1
        }
        guard places > 0 else { return nil }
        for _ in places..<max(3, places) { value *= 10 }
        return value
    }

    /// The offset in minutes; nil when there is none or it is out of bounds.
    fileprivate mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return isWest ? -(hours * 60 + minutes) : hours * 60 + minutes
    }
}
