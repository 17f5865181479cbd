import Domain

/// What `martlet admin` and `martlet user` may do.
enum AccountAction: Equatable {
    case list
    case create(NewPerson)
    /// - Parameter endsSecondFactor: for who lost both their app and their recovery codes.
    case password(name: String, GivenPassword, endsSecondFactor: Bool)

    struct NewPerson: Equatable {
        var email: String
        var name: String?
        var role: Role
        var password: GivenPassword
    }

    /// Where the password is.
    enum GivenPassword: Equatable {
        case argument(Secret)
        case standardInput
    }
}

extension Command {
    static func account(_ command: CommandName, _ arguments: [String]) throws(UsageError) -> Command {
        var rest = Array(arguments.dropFirst())
        switch (command, arguments.first) {
        case (.user, "list"): return .account(.list, flags: try flags(rest, of: command))
        case (_, "create"):
            let own = try take(createFlags, from: &rest, command)
            guard let email = own["--email"] else { throw UsageError(sentence: "Say whom: --email ADDRESS.", about: command) }
            let role = try role(own["--role"], command)
            let person = AccountAction.NewPerson(
                email: email, name: own["--name"], role: role, password: try password(own, command))
            return .account(.create(person), flags: try flags(rest, of: command, beside: createFlags))
        case (.user, "password"):
            guard let name = rest.first, !name.hasPrefix("--") else {
                throw UsageError(sentence: "Say whose: an address or a username.", about: command)
            }
            rest.removeFirst()
            let own = try take(resetFlags, from: &rest, command)
            let action = AccountAction.password(
                name: name, try password(own, command), endsSecondFactor: own["--without-totp"] != nil)
            return .account(action, flags: try flags(rest, of: command, beside: resetFlags))
        case (_, let word?) where !word.hasPrefix("-"): throw .unexpected(word, command)
        default:
            let words = command == .admin ? "create" : "list, create or password"
            throw UsageError(sentence: "Say what to do: \(words).", about: command)
        }
    }

    private static let passwordFlags = ["--password", "--password-stdin"]
    private static let resetFlags = passwordFlags + ["--without-totp"]
    private static let switches = ["--password-stdin", "--without-totp"]
    private static let createFlags = ["--email", "--name", "--role"] + passwordFlags

    private static func role(_ text: String?, _ command: CommandName) throws(UsageError) -> Role {
        if command == .admin {
            guard text == nil else { throw UsageError(sentence: "An admin has no other role; see martlet user.", about: command) }
            return .admin
        }
        guard let text else { return .customer }
        guard let role = Role(rawValue: text), role != .guest else {
            throw UsageError(sentence: "A role is customer, agent or admin.", about: command)
        }
        return role
    }

    private static func password(_ own: [String: String], _ command: CommandName) throws(UsageError) -> AccountAction.GivenPassword {
        switch (own["--password"], own["--password-stdin"]) {
        case (let text?, nil): return .argument(Secret(text))
        case (nil, _?): return .standardInput
        default: throw UsageError(sentence: "Give the password once: with --password-stdin, or --password.", about: command)
        }
    }

    /// Takes this command's own flags out of the arguments; what is left are settings.
    private static func take(
        _ names: [String], from arguments: inout [String], _ command: CommandName
    ) throws(UsageError) -> [String: String] {
        var own: [String: String] = [:]
        var left: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            if switches.contains(argument), names.contains(argument) {
                own[flag] = ""
            } else if names.contains(flag), !switches.contains(flag) {
                // As with settings, `--email --password-stdin` forgot the address.
                let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() ?? ""
                guard !value.isEmpty, parts.count == 2 || !value.hasPrefix("--") else {
                    throw UsageError(sentence: "\(flag) needs a value: \(flag)=…", about: command)
                }
                own[flag] = value
            } else {
                left.append(argument)
            }
        }
        arguments = left
        return own
    }
}
