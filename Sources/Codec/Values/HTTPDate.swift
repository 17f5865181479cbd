/// Times as HTTP writes them (RFC 9110, section 5.6.7): `Wed, 23 Jul 2025 12:30:00 GMT`, to the second.
extension Timestamp {
    private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months: [StaticString] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Appends the 29 characters.
    public func writeHTTPDate(to out: inout ByteWriter) {
        let seconds = Int(min(max(self, .earliest), .latest).seconds)
        let day = Calendar.floored(seconds, 86_400)
        let time = seconds - day * 86_400
        let date = Calendar.date(ofDay: day)
        func two(_ value: Int, then mark: StaticString) {
            out.append(UInt8(truncatingIfNeeded: 48 + value / 10))
            out.append(UInt8(truncatingIfNeeded: 48 + value % 10))
            out.append(mark)
        }
        out.append(Timestamp.weekdays[Calendar.weekday(ofDay: day)])
        out.append(", ")
        two(date.day, then: " ")
        out.append(Timestamp.months[date.month - 1])
        out.append(" ")
        two(date.year / 100, then: "")
        two(date.year % 100, then: " ")
        two(time / 3600, then: ":")
        two(time / 60 % 60, then: ":")
        two(time % 60, then: " GMT")
    }

    /// Reads the one form that senders must use; nil for the two obsolete ones, which the receiver of a condition may ignore.
    public init?(httpDate bytes: UnsafeRawBufferPointer) {
        var scan = DigitScan(bytes)
        guard let weekday = scan.word(of: Timestamp.weekdays), scan.take(","), scan.take(" "),
            let day = scan.number(2), scan.take(" "), let month = scan.word(of: Timestamp.months), scan.take(" "),
            let year = scan.number(4), scan.take(" "),
            let hour = scan.number(2), scan.take(":"), let minute = scan.number(2), scan.take(":"), let second = scan.number(2),
            scan.take(" "), scan.take("G"), scan.take("M"), scan.take("T"), scan.isAtEnd,
            year >= 1, Calendar.isDate(year: year, month: month + 1, day: day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = Calendar.day(year: year, month: month + 1, day: day)
        guard Calendar.weekday(ofDay: days) == weekday else { return nil }
        self.init(seconds: Int64(((days * 24 + hour) * 60 + minute) * 60 + second))
    }

    /// Reads an HTTP date; see `init(httpDate:)`.
    public init?(httpDate text: String) {
        let bytes = Array(text.utf8)
        guard let moment = bytes.withUnsafeBytes({ Timestamp(httpDate: $0) }) else { return nil }
        self = moment
    }
}
