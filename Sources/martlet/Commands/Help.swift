/// What `--help` and `martlet help` print. The settings' part is made from their declarations.
enum Help {
    static func text(_ topic: CommandName?) -> String {
        switch topic {
        case nil:
            """
            Martlet \(Version.number): customer support in one program.

            Usage: martlet COMMAND [FLAGS]

            \(columns(CommandName.allCases.map { ["  " + $0.rawValue, $0.purpose] }))
            `martlet COMMAND --help` tells more about one of them.
            Exit codes: 0 done, 1 failed, 2 command line not understood.

            """
        case .serve:
            "Usage: martlet serve [FLAGS]\n\n\(CommandName.serve.purpose)\n\n\(settings)"
        case .config:
            """
            Usage: martlet config [--json] [FLAGS]

            \(CommandName.config.purpose)
            Secrets are masked. It takes the flags of `martlet serve`, to show what they would change.

            \(columns([["  --json", "Print one JSON object instead of a table."]]))
            \(settings)
            """
        case .version: "Usage: martlet version\n\n\(CommandName.version.purpose)\n"
        case .help: "Usage: martlet help [COMMAND]\n\n\(CommandName.help.purpose)\n"
        }
    }

    private static var settings: String {
        let rows = Settings.declared.map { entry in
            let facts = [entry.name, entry.alias.map { "or \($0)" }, entry.fallback.flatMap { $0.isEmpty ? nil : "default \($0)" }]
            return [
                "  \(flagName(of: entry.name)) \(entry.placeholder)", "\(entry.help) (\(facts.compactMap { $0 }.joined(separator: ", ")))",
            ]
        }
        return """
            Each flag has a variable of the same meaning, named behind it. A flag wins over the environment,
            that over a line of .env in the working folder, and that over the default.

            \(columns(rows))
            """
    }
}

extension CommandName {
    fileprivate var purpose: String {
        switch self {
        case .serve: "Start the server."
        case .config: "Print every setting: its value, its default and where the value is from."
        case .version: "Print version, commit and compiler."
        case .help: "Print this, or help on one command."
        }
    }
}

/// Rows as aligned columns, two blanks between them and none at the end of a line.
func columns(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }.joined()
}
