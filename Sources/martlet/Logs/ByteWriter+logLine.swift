import Codec

/// What every line of the log is made of. Each line is one line whatever is put into it: see `appendEscaped`.
extension ByteWriter {
    mutating func appendLogLine(as format: LogFormat, time: Int, _ level: LogLevel, _ message: String, _ fields: [LogField]) {
        appendLogHead(as: format, level) { Timestamp(milliseconds: Int64(time)).write(to: &$0) }
        switch format {
        case .json: appendJSON(message)
        case .human: appendEscaped(message)
        }
        for field in fields { appendField(field, as: format) }
        append(format == .json ? "}\n" : "\n")
    }

    /// Everything before the message.
    @inline(__always)
    mutating func appendLogHead(as format: LogFormat, _ level: LogLevel, time writeTime: (inout ByteWriter) -> Void) {
        switch format {
        case .json:
            append("{\"time\":\"")
            writeTime(&self)
            append("\",\"level\":\"")
            append(level.name)
            append("\",\"message\":")
        case .human:
            writeTime(&self)
            append(" ")
            append(level.column)
            append(" ")
        }
    }

    private mutating func appendField(_ field: LogField, as format: LogFormat) {
        append(format == .json ? ",\"" : " ")
        append(field.name)
        append(format == .json ? "\":" : "=")
        switch field.value {
        case .text(let text): if format == .json { appendJSON(text) } else { appendWord(text) }
        case .number(let number): append(decimal: number)
        case .flag(let flag): append(flag ? "true" : "false")
        case .none: append(format == .json ? "null" : "-")
        }
    }
}
