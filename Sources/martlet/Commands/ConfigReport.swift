import Codec

/// What `martlet config` prints. Made from the entries, which hold no secret, so that none can slip out.
enum ConfigReport {
    static func table(_ settings: Settings) -> String {
        let head = ["NAME", "VALUE", "DEFAULT", "SOURCE", "WHAT IT DOES"]
        return columns(
            [head]
                + settings.entries.map { entry in
                    [
                        entry.name, shown(entry.value, of: entry), entry.isSecret ? "-" : shown(entry.fallback, of: entry),
                        entry.source.description, entry.help + (entry.alias.map { " Also \($0)." } ?? ""),
                    ]
                })
    }

    private static func shown(_ value: String?, of entry: SettingEntry) -> String {
        if entry.isSecret { return "\(Secret.mask) (\(value == nil ? "not set" : "set"))" }
        guard let value, !value.isEmpty else { return "-" }
        // A path may hold anything; a table holds one line.
        return value.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? value.quoted : value
    }

    /// One object: `settings`, each with the facts of the table, and `warnings`. Unset is `null`; a secret's value is its
    /// mask when it is set.
    static func json(_ settings: Settings) -> String {
        var out = ByteWriter(capacity: 8192)
        out.append("{\n  \"settings\": [\n")
        for (index, entry) in settings.entries.enumerated() {
            out.append("    {\"name\":")
            out.appendJSON(entry.name)
            member("alias", entry.alias, to: &out)
            member("flag", flagName(of: entry.name), to: &out)
            member("value", entry.value, to: &out)
            member("default", entry.fallback, to: &out)
            member("source", entry.source.description, to: &out)
            out.append(entry.isSecret ? ",\"secret\":true" : ",\"secret\":false")
            member("help", entry.help, to: &out)
            out.append(index == settings.entries.count - 1 ? "}\n" : "},\n")
        }
        out.append("  ],\n  \"warnings\": [")
        for (index, warning) in settings.warnings.enumerated() {
            if index > 0 { out.append(", ") }
            out.appendJSON(warning)
        }
        out.append("]\n}\n")
        return out.text
    }

    private static func member(_ name: StaticString, _ value: String?, to out: inout ByteWriter) {
        out.append(",\"")
        out.append(name)
        out.append("\":")
        if let value { out.appendJSON(value) } else { out.append("null") }
    }
}
