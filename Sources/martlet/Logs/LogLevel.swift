/// How much a line matters. `off` is no line's level: it is the bound that lets none through.
enum LogLevel: Int, CaseIterable, Comparable, Sendable, CustomStringConvertible {
    case trace, debug, info, warn, error, off

    /// Reads the names in any case, and `warning`.
    init?(word: some StringProtocol) {
        let word = word.lowercased()
        guard let level = Self.allCases.first(where: { $0.description == word || ($0 == .warn && word == "warning") }) else { return nil }
        self = level
    }

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    var description: String { name.description }

    /// As JSON writes it.
    var name: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        case .off: "off"
        }
    }

    /// As people read it: capitals, all equally wide.
    var column: StaticString {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO "
        case .warn: "WARN "
        case .error: "ERROR"
        case .off: "OFF  "
        }
    }
}

/// What a line looks like: JSON for machines, one text line for people.
enum LogFormat: Sendable {
    case json, human
}
