extension Log {
    /// The server's log, as the settings ask for it.
    init(_ settings: Settings, _ writer: LogWriter) {
        self.init(level: settings.logLevel, format: writer.format, now: wallClock) { writer.submit($0) }
    }
}

extension LogFormat {
    /// What the settings ask for; `auto` is human for developers and on a terminal.
    init(_ settings: Settings, isTerminal: Bool = StandardOutput.output.isTerminal) {
        switch settings.logFormat {
        case .json: self = .json
        case .human: self = .human
        case .auto: self = settings.mode == .development || isTerminal ? .human : .json
        }
    }
}
