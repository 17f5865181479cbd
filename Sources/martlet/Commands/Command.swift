/// What the program was asked to do, read from its arguments without doing it.
enum Command: Equatable {
    case serve(flags: [String: String])
    case config(flags: [String: String], asJSON: Bool)
    case migrate(MigrateAction, flags: [String: String])
    case account(AccountAction, flags: [String: String])
    case version
    /// Help on a command by name, or on the program.
    case help(CommandName?)
}

/// The commands, in the order help lists them.
enum CommandName: String, CaseIterable {
    case serve, migrate, admin, user, config, version, help
}

/// A command line that cannot be understood; exit code 2.
struct UsageError: Error, Equatable {
    let sentence: String
    /// The command whose help would have answered, if the line got that far.
    var about: CommandName?
}

extension Command {
    /// Reads the arguments after the program's own name. Throws at the first that is not understood.
    ///
    /// `--help` anywhere asks for help and is never an error, so that whoever is lost can always add it.
    init(_ arguments: [String]) throws(UsageError) {
        guard let first = arguments.first else {
            throw UsageError(sentence: "Say what to do: \(CommandName.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        let name = CommandName(rawValue: first)
        if arguments.contains(where: { $0 == "--help" || $0 == "-h" }) {
            self = .help(name)
            return
        }
        if first == "--version" || first == "-V" {
            self = .version
            return
        }
        guard let name else {
            let hint = nearest(to: first, of: CommandName.allCases.map(\.rawValue)).map { "; did you mean \($0)?" } ?? "."
            throw UsageError(sentence: "There is no command \(first.quoted)\(hint)")
        }
        let rest = Array(arguments.dropFirst())
        switch name {
        case .serve: self = .serve(flags: try Self.flags(rest, of: name))
        case .config:
            self = .config(flags: try Self.flags(rest.filter { $0 != "--json" }, of: name), asJSON: rest.contains("--json"))
        case .migrate: self = try Self.migrate(rest)
        case .admin, .user: self = try Self.account(name, rest)
        case .version:
            if let extra = rest.first { throw .unexpected(extra, name) }
            self = .version
        case .help:
            guard let topic = rest.first else {
                self = .help(nil)
                return
            }
            guard rest.count == 1, let topic = CommandName(rawValue: topic) else { throw .unexpected(topic, name) }
            self = .help(topic)
        }
    }

    /// The flags that set settings, `--port 3000` or `--port=3000`, by the setting's name. The last of two for one name counts.
    /// - Parameter others: flags of the command's own, which were taken out already.
    static func flags(
        _ arguments: [String], of command: CommandName, beside others: [String] = []
    ) throws(UsageError) -> [String: String] {
        let declared = Settings.declared
        let names = declared.flatMap { [$0.name, $0.alias].compactMap { $0 } }
        var flags: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else { throw .unexpected(argument, command) }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            guard let name = names.first(where: { flagName(of: $0) == flag }) else {
                let known = names.map { flagName(of: $0) } + (command == .config ? ["--json"] : []) + others + ["--help"]
                let hint = nearest(to: flag, of: known).map { "; did you mean \($0)?" } ?? "."
                throw UsageError(sentence: "There is no flag \(flag.quoted)\(hint)", about: command)
            }
            if parts.count == 1, declared.contains(where: { $0.isSwitch && $0.name == name }) {
                flags[name] = "on"
                continue
            }
            let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() ?? ""
            // The value of `--host --port 1` is a forgotten one, not `--port`.
            guard !value.isEmpty, parts.count == 2 || !value.hasPrefix("--") else {
                throw UsageError(sentence: "\(flag) needs a value: \(flag)=…", about: command)
            }
            flags[name] = value
        }
        return flags
    }
}

extension UsageError {
    static func unexpected(_ argument: String, _ command: CommandName) -> UsageError {
        UsageError(sentence: "martlet \(command.rawValue) does not take \(argument.quoted).", about: command)
    }
}
