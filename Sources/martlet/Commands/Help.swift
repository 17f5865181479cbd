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
        case .migrate:
            """
            Usage: martlet migrate [status|up] [FLAGS]
                   martlet migrate create NAME

            \(CommandName.migrate.purpose) The server does so itself when it starts.

            \(columns([
                ["  status", "Say which steps were taken and which were not; change nothing."],
                ["  up", "Take those that are missing. The default."],
                ["  create NAME", "In a source tree: make the file of a new step."],
            ]))
            \(settings)
            """
        case .admin:
            """
            Usage: martlet admin create --email ADDRESS --password-stdin [--name NAME] [FLAGS]

            \(CommandName.admin.purpose)

            \(columns(createFlags))
            \(settings)
            """
        case .user:
            """
            Usage: martlet user list [FLAGS]
                   martlet user create --email ADDRESS --password-stdin [--name NAME] [--role ROLE] [FLAGS]
                   martlet user password NAME --password-stdin [--without-totp] [FLAGS]

            \(CommandName.user.purpose) NAME is an address or a username.

            \(columns(createFlags + userFlags))
            \(settings)
            """
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

    private static let createFlags = [
        ["  --email ADDRESS", "Address to sign in with; it counts as verified."],
        ["  --password-stdin", "Take the first line of standard input as the password."],
        ["  --password PASSWORD", "The password; other users of this machine may see it while the command runs."],
        ["  --name NAME", "What they are called; default: the local part of the address."],
    ]

    private static let userFlags = [
        ["  --role ROLE", "customer, agent or admin; default customer."],
        ["  --without-totp", "Turn the second factor off too, for who can give no code any more."],
    ]

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
        case .migrate: "Bring the database's schema up to date."
        case .admin: "Add an admin."
        case .user: "List accounts, add one, or set a password."
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
