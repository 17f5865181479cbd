import Codec
import Loop

/// Where lines are logged: a value that is handed around, so that nothing reaches for a global one.
///
///     log.info("listening", ["address": "\(address)", "loops": .number(loops)])
///
/// Message and fields are not even made for a level that is off. No secret, token or message text belongs in them.
struct Log: Sendable {
    let level: LogLevel
    let format: LogFormat
    private let now: @Sendable () -> Int
    private let submit: @Sendable ([UInt8]) -> Void
    private var context: [LogField] = []

    /// `now` gives milliseconds since 1970, `submit` takes one finished line.
    init(level: LogLevel, format: LogFormat, now: @escaping @Sendable () -> Int, submit: @escaping @Sendable ([UInt8]) -> Void) {
        self.level = level
        self.format = format
        self.now = now
        self.submit = submit
    }

    func trace(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) { line(.trace, message, fields) }
    func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) { line(.debug, message, fields) }
    func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) { line(.info, message, fields) }
    func warn(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) { line(.warn, message, fields) }
    func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) { line(.error, message, fields) }

    /// Whether a line of this level would be written.
    func isOn(_ level: LogLevel) -> Bool { level >= self.level }

    /// The same log with these fields on every line, before the line's own: a request's id, a job's name.
    func adding(_ fields: LogFields) -> Log {
        var log = self
        log.context += fields.map { LogField(name: $0.key, value: $0.value) }
        return log
    }

    private func line(_ level: LogLevel, _ message: () -> String, _ fields: () -> LogFields) {
        guard isOn(level) else { return }
        var out = ByteWriter(capacity: 256)
        let fields = context + fields().map { LogField(name: $0.key, value: $0.value) }
        out.appendLogLine(as: format, time: now(), level, message(), fields)
        submit(out.array)
    }
}

/// Fields in the order they are written. A name is never `time`, `level` or `message`.
typealias LogFields = KeyValuePairs<StaticString, LogValue>

struct LogField: Sendable {
    var name: StaticString
    var value: LogValue
}

/// What a field holds: few enough sorts that every reader of the log can index them.
enum LogValue: Sendable, Equatable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    case text(String)
    case number(Int)
    case flag(Bool)
    case none

    init(stringLiteral text: String) { self = .text(text) }
    init(integerLiteral number: Int) { self = .number(number) }
    init(booleanLiteral flag: Bool) { self = .flag(flag) }
}

/// Milliseconds since 1970.
@Sendable func wallClock() -> Int { Int(MonotonicClock.wallMilliseconds) }
