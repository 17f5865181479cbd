/// Where a setting's value came from; the first of these that has one wins.
enum SettingSource: Equatable, Sendable, CustomStringConvertible {
    case flag, environment, file(line: Int), byDefault

    var description: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file: ".env"
        case .byDefault: "default"
        }
    }
}

/// What a start-up hands to the settings. A value type, so that a test needs neither environment nor files.
struct SettingSources {
    /// By the setting's name, not by the flag's: `PORT` for `--port`.
    var flags: [String: String] = [:]
    var environment: (String) -> String? = { _ in nil }
    var file = EnvFile()

    /// The value of one name, and where it is from. An empty value is no value.
    fileprivate func find(_ name: String) -> (text: String, source: SettingSource)? {
        if let text = flags[name], !text.isEmpty { return (text, .flag) }
        if let text = environment(name), !text.isEmpty { return (text, .environment) }
        if let entry = file.entries[name], !entry.value.isEmpty { return (entry.value, .file(line: entry.line)) }
        return nil
    }
}

/// One setting as `martlet config` shows it.
struct SettingEntry: Equatable, Sendable {
    var name: String
    var alias: String?
    var placeholder: String
    var help: String
    var isSecret: Bool
    var isSwitch: Bool
    /// A secret's value is its mask here; nothing when the setting is unset.
    var value: String?
    var fallback: String?
    var source: SettingSource
}

/// Reads settings one after another, and gathers what was declared, what is wrong and what should be said.
///
/// A bad value does not stop the reading: the default stands in, so that all faults are told at once.
struct SettingsReader {
    private let sources: SettingSources
    private(set) var entries: [SettingEntry] = []
    private(set) var faults: [String]
    private(set) var warnings: [String] = []

    init(_ sources: SettingSources) {
        self.sources = sources
        faults = sources.file.faults
    }

    /// Declares and reads a setting that always has a value.
    mutating func callAsFunction<Value>(
        _ name: String, or alias: String? = nil, _ kind: SettingKind<Value>, default fallback: Value, _ help: String
    ) -> Value {
        read(name, alias, kind, fallback, help) ?? fallback
    }

    /// Declares and reads a setting that may be unset.
    mutating func callAsFunction<Value>(_ name: String, or alias: String? = nil, _ kind: SettingKind<Value>, _ help: String) -> Value? {
        read(name, alias, kind, nil, help)
    }

    /// Declares a name that other products of this sort know, and that we only answer with a warning.
    mutating func passOver(_ names: String..., saying sentence: String) {
        let found = names.filter { sources.find($0) != nil }
        if !found.isEmpty { warnings.append("\(found.joined(separator: " and ")) \(found.count == 1 ? "is" : "are") set: \(sentence)") }
    }

    /// Whether any source says something of this name.
    func isSet(_ name: String) -> Bool { sources.find(name) != nil }

    /// Reports what is wrong between settings.
    mutating func refuse(_ sentence: String) { faults.append(sentence) }

    private mutating func read<Value>(
        _ name: String, _ alias: String?, _ kind: SettingKind<Value>, _ fallback: Value?, _ help: String
    ) -> Value? {
        let found = value(of: name, alias, kind)
        let shown = kind.isSecret ? found.map { _ in Secret.mask } : (found?.value ?? fallback).map(kind.show)
        entries.append(
            SettingEntry(
                name: name, alias: alias, placeholder: kind.placeholder, help: help, isSecret: kind.isSecret, isSwitch: kind.isSwitch,
                value: shown, fallback: kind.isSecret ? nil : fallback.map(kind.show), source: found?.source ?? .byDefault))
        return found?.value
    }

    /// The value from the strongest source that has one. Two names of one setting in one source must agree; what a weaker
    /// source says is not even looked at.
    private mutating func value<Value>(
        of name: String, _ alias: String?, _ kind: SettingKind<Value>
    ) -> (value: Value, source: SettingSource)? {
        let first = parse(name, kind)
        guard let alias else { return first }
        let second = parse(alias, kind, atLeastAsStrongAs: first?.source)
        guard let first, let second else { return first ?? second }
        if first.source.rank == second.source.rank && first.value != second.value {
            let place = first.source.place(of: name)
            faults.append("\(name) and \(alias) are two names of one setting and differ (\(place)); set one of them.")
        }
        return first.source.rank <= second.source.rank ? first : second
    }

    /// The value of one name, or nothing when it has none, a bad one (which is a fault), or only one that is weaker than `bound`.
    private mutating func parse<Value>(
        _ name: String, _ kind: SettingKind<Value>, atLeastAsStrongAs bound: SettingSource? = nil
    ) -> (value: Value, source: SettingSource)? {
        guard let (text, source) = sources.find(name), source.rank <= (bound ?? .byDefault).rank else { return nil }
        do throws(SettingFault) {
            let reading = try kind.parse(text)
            if let warning = reading.warning { warnings.append("\(name) \(warning)") }
            return reading.value.map { ($0, source) }
        } catch {
            let culprit = kind.isSecret ? "" : ", not \((error.culprit ?? text).quoted)"
            faults.append("\(name) \(error.rule)\(culprit) (\(source.place(of: name))).")
            return nil
        }
    }
}

extension SettingSource {
    fileprivate var rank: Int {
        switch self {
        case .flag: 0
        case .environment: 1
        case .file: 2
        case .byDefault: 3
        }
    }

    /// Where a person goes to mend it.
    fileprivate func place(of name: String) -> String {
        switch self {
        case .flag: "flag \(flagName(of: name))"
        case .environment: "environment"
        case .file(let line): ".env line \(line)"
        case .byDefault: "default"
        }
    }
}

/// The flag that sets a setting: `--log-level` for `LOG_LEVEL`.
func flagName(of setting: String) -> String {
    "--" + setting.lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
}

extension String {
    /// In quotes, short enough for a sentence, and with control characters escaped so that a terminal shows them.
    var quoted: String {
        let shown = unicodeScalars.prefix(80).map { $0 == "'" || $0.properties.isAlphabetic ? String($0) : $0.escaped(asASCII: true) }
        return "\"\(shown.joined())\(unicodeScalars.count > 80 ? "…" : "")\""
    }
}
