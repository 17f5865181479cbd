import Codec

/// What every line of the log is made of. Each line is one line whatever is put into it: see `appendEscaped`.
extension ByteWriter {
    mutating func appendLogLine(as format: LogFormat, time: Int, _ level: LogLevel, _ message: String, _ fields: [LogField]) {
        appendLogHead(as: format, time: time, level)
        switch format {
        case .json: appendJSON(message)
        case .human: appendEscaped(message)
        }
        for field in fields { appendField(field, as: format) }
        append(literal: format == .json ? "}\n" : "\n")
    }

    /// Everything before the message.
    mutating func appendLogHead(as format: LogFormat, time: Int, _ level: LogLevel) {
        switch format {
        case .json:
            append(literal: "{\"time\":\"")
            appendLogTime(time)
            append(literal: "\",\"level\":\"")
            append(level.name)
            append(literal: "\",\"message\":")
        case .human:
            appendLogTime(time)
            append(literal: " ")
            append(level.column)
            append(literal: " ")
        }
    }

    private mutating func appendField(_ field: LogField, as format: LogFormat) {
        append(literal: format == .json ? ",\"" : " ")
        append(field.name)
        append(literal: format == .json ? "\":" : "=")
        switch field.value {
        case .text(let text): if format == .json { appendJSON(text) } else { appendWord(text) }
        case .number(let number): append(decimal: number)
        case .flag(let flag): append(literal: flag ? "true" : "false")
        case .none: append(literal: format == .json ? "null" : "-")
        }
    }

    /// `2025-07-23T12:30:00.000Z` from milliseconds since 1970; times outside of the years 1970 to 9999 show the nearest end.
    mutating func appendLogTime(_ milliseconds: Int) {
        let time = min(max(milliseconds, 0), 253_402_300_799_999)
        let (days, inDay) = time.quotientAndRemainder(dividingBy: 86_400_000)
        // The civil calendar counted from 1 March of the year 0, where a leap day is a year's last.
        let day = days + 719_468
        let era = day / 146_097
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        append(count: 24) { buffer in
            var at = 0
            func put(_ number: Int, digits: Int, then separator: Unicode.Scalar) {
                var rest = number
                for index in stride(from: at + digits - 1, through: at, by: -1) {
                    buffer[index] = UInt8(truncatingIfNeeded: 48 + rest % 10)
                    rest /= 10
                }
                buffer[at + digits] = UInt8(ascii: separator)
                at += digits + 1
            }
            put(year, digits: 4, then: "-")
            put(month, digits: 2, then: "-")
            put(dayOfYear - (153 * marchMonth + 2) / 5 + 1, digits: 2, then: "T")
            put(inDay / 3_600_000, digits: 2, then: ":")
            put(inDay / 60_000 % 60, digits: 2, then: ":")
            put(inDay / 1000 % 60, digits: 2, then: ".")
            put(inDay % 1000, digits: 3, then: "Z")
        }
    }
}
