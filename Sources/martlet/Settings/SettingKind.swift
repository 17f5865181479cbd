import Loop

/// How the text of one sort of setting becomes a value, and how the value is shown again.
struct SettingKind<Value: Equatable & Sendable>: Sendable {
    /// What `--help` writes for the value: `--port NUMBER`.
    var placeholder: String
    var isSecret = false
    /// Whether the flag alone says `on`: `--demo`.
    var isSwitch = false
    var parse: @Sendable (String) throws(SettingFault) -> Reading
    var show: @Sendable (Value) -> String

    struct Reading {
        /// Nothing when the text says nothing that concerns us; the setting then stays unset.
        var value: Value?
        /// What was passed over, as the end of a sentence that begins with the setting's name.
        var warning: String?
    }
}

/// Why a text is no value of a setting: the end of a sentence that begins with the setting's name.
struct SettingFault: Error {
    var rule: String
    /// The part of the text that is wrong; all of it when nothing is said.
    var culprit: String?
}

extension SettingKind {
    /// A kind whose texts are either a value or break one rule.
    init(_ placeholder: String, _ rule: String, show: @escaping @Sendable (Value) -> String, parse: @escaping @Sendable (String) -> Value?)
    {
        self.placeholder = placeholder
        self.show = show
        self.parse = { text throws(SettingFault) in
            guard let value = parse(text) else { throw SettingFault(rule: rule) }
            return Reading(value: value)
        }
    }
}

extension SettingKind where Value == Int {
    static func number(_ range: ClosedRange<Int>) -> Self {
        Self("NUMBER", "must be a whole number from \(range.lowerBound) to \(range.upperBound)", show: { "\($0)" }) { text in
            guard let number = Int(decimal: text), range.contains(number) else { return nil }
            return number
        }
    }
}

extension SettingKind where Value == String {
    static var path: Self { Self("PATH", "must be a path", show: { $0 }) { $0 } }
}

extension SettingKind where Value == Secret {
    /// Characters that fit in a header, so that a client can send the secret as it is.
    static func secret(atLeast length: Int) -> Self {
        var kind = Self("SECRET", "must be at least \(length) characters, none of them a blank or outside of ASCII", show: { "\($0)" }) {
            text in
            text.utf8.count >= length && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? Secret(text) : nil
        }
        kind.isSecret = true
        return kind
    }

    /// Somebody's password; blanks and other alphabets are welcome. How long one must be is said by who takes it.
    static var password: Self {
        var kind = Self("PASSWORD", "must be a password", show: { "\($0)" }) { Secret($0) }
        kind.isSecret = true
        return kind
    }
}

extension SettingKind where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of a few words, in any case.
    static var word: Self {
        let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return Self("WORD", "must be one of \(words)", show: \.rawValue) { text in
            Value.allCases.first { $0.rawValue.lowercased() == text.lowercased() }
        }
    }
}

extension SettingKind where Value == LogLevel {
    /// A level, or the comma list of directives that `RUST_LOG` holds, of which the bare level is taken.
    static var level: Self {
        Self(
            placeholder: "LEVEL",
            parse: { text throws(SettingFault) in
                var reading = Reading()
                var passedOver: [Substring] = []
                for part in text.split(separator: ",") {
                    if let level = LogLevel(word: part) { reading.value = level } else { passedOver.append(part) }
                }
                guard passedOver.allSatisfy({ $0.contains("=") }), reading.value != nil || !passedOver.isEmpty else {
                    throw SettingFault(rule: "must be one of \(LogLevel.allCases.map(\.description).joined(separator: ", "))")
                }
                if !passedOver.isEmpty {
                    reading.warning =
                        "holds levels for parts of a program (\(passedOver.joined(separator: ","))); Martlet has one level for all, so they are passed over."
                }
                return reading
            }, show: { "\($0)" })
    }
}

extension SettingKind where Value == IPAddress {
    static var address: Self {
        Self("ADDRESS", "must be an IP address or localhost", show: { "\($0)" }) { text in
            if text.lowercased() == "localhost" { return IPAddress(v4: 0x7F00_0001) }
            let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.contains(":")
            return IPAddress(isBracketed ? String(text.dropFirst().dropLast()) : text)
        }
    }
}

extension SettingKind where Value == [IPNetwork] {
    static var networks: Self {
        Self(
            placeholder: "LIST",
            parse: { text throws(SettingFault) in
                let rule = "must be a comma list of IP addresses and networks like 10.0.0.0/8, without bits beyond the prefix"
                return Reading(value: try text.list(orFault: rule) { part in IPNetwork(part) })
            }, show: { $0.map(\.description).joined(separator: ",") })
    }
}

extension SettingKind where Value == AllowedOrigins {
    static var origins: Self {
        Self(
            placeholder: "LIST",
            parse: { text throws(SettingFault) in
                if text == "*" { return Reading(value: .any) }
                let rule = "must be * or a comma list of origins like https://example.com, without a path"
                return Reading(value: .only(try text.list(orFault: rule) { part in Origin(part) }))
            }, show: { "\($0)" })
    }
}

extension SettingKind where Value == PublicURL {
    static var url: Self {
        Self("URL", "must be an address like https://help.example.com, without a query", show: { "\($0)" }) { PublicURL($0) }
    }
}

extension String {
    /// The parts of a comma list, blanks around them dropped. Throws at the first part that is none.
    fileprivate func list<Part>(orFault rule: String, _ read: (String) -> Part?) throws(SettingFault) -> [Part] {
        var parts: [Part] = []
        for piece in split(separator: ",", omittingEmptySubsequences: false) {
            var piece = piece.drop { $0 == " " }
            while piece.last == " " { piece.removeLast() }
            guard let part = read(String(piece)) else { throw SettingFault(rule: rule, culprit: String(piece)) }
            parts.append(part)
        }
        return parts
    }
}
