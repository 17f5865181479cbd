import Domain
import Glibc
import Helpdesk
import Loop

/// What `martlet admin` and `martlet user` may do.
enum AccountAction: Equatable {
    case list
    case create(NewPerson)
    case password(name: String, GivenPassword)

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
            let own = try take(["--email", "--name", "--role", "--password"], "--password-stdin", from: &rest, command)
            guard let email = own["--email"] else { throw UsageError(sentence: "Say whom: --email ADDRESS.", about: command) }
            let role = try role(own["--role"], command)
            let person = AccountAction.NewPerson(
                email: email, name: own["--name"], role: role, password: try password(own, command))
            return .account(.create(person), flags: try flags(rest, of: command))
        case (.user, "password"):
            guard let name = rest.first, !name.hasPrefix("--") else {
                throw UsageError(sentence: "Say whose: an address or a username.", about: command)
            }
            rest.removeFirst()
            let own = try take(["--password"], "--password-stdin", from: &rest, command)
            return .account(.password(name: name, try password(own, command)), flags: try flags(rest, of: command))
        case (_, let word?) where !word.hasPrefix("-"): throw .unexpected(word, command)
        default:
            let words = command == .admin ? "create" : "list, create or password"
            throw UsageError(sentence: "Say what to do: \(words).", about: command)
        }
    }

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
        _ names: [String], _ onOff: String, from arguments: inout [String], _ command: CommandName
    ) throws(UsageError) -> [String: String] {
        var own: [String: String] = [:]
        var left: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            if argument == onOff {
                own[flag] = ""
            } else if names.contains(flag) {
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
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

extension AccountAction {
    /// Does it, and gives what to print.
    func run(_ settings: DeskSettings) throws -> String {
        // Before the database is opened, which a person at a terminal should not hold up.
        let password = try password?.read()
        let said = Locked("")
        _ = try prepareDesk(settings) { desk in
            let text = try await run(desk, password ?? "")
            said.withLock { $0 = text }
        }
        return said.withLock { $0 }
    }

    private var password: GivenPassword? {
        switch self {
        case .list: nil
        case .create(let person): person.password
        case .password(_, let password): password
        }
    }

    private func run(_ desk: Desk, _ password: String) async throws -> String {
        switch self {
        case .list: return try await Self.list(desk)
        case .create(let wanted):
            var registration = Helpdesk.Registration()
            (registration.email, registration.password) = (wanted.email, password)
            let name = wanted.name ?? Username.from(email: wanted.email)
            let parts = name.split(separator: " ", maxSplits: 1)
            registration.name = name
            registration.firstName = parts.first.map(String.init) ?? ""
            registration.lastName = parts.count > 1 ? String(parts[1]) : ""
            let person = try await desk.addAccount(registration, role: wanted.role)
            return
                "\(person.email ?? "") is \(wanted.role == .customer ? "a" : "an") \(person.role.rawValue) now, and signs in as \(person.username ?? "").\n"
        case .password(let name, _):
            try await desk.setPassword(of: name, to: password)
            return "The password of \(name) was set, and all their sign-ins ended.\n"
        }
    }

    /// All accounts, a page at a time, so that no number of them holds up anybody.
    private static func list(_ desk: Desk) async throws -> String {
        var rows = [["ID", "EMAIL", "USERNAME", "NAME", "ROLE", "ACTIVE"]]
        var last: Person?
        while true {
            let after = last
            let page = try await desk.read { look in try await look.accounts(after: after, atMost: 500) }
            for person in page {
                rows.append([
                    person.id.text, person.email ?? "-", person.username ?? "-", person.name, person.role.rawValue,
                    person.isActive ? "yes" : "no",
                ])
            }
            guard page.count == 500 else { return columns(rows) }
            last = page.last
        }
    }
}

extension AccountAction.GivenPassword {
    /// The password itself: the first line of standard input, or what the command line says.
    fileprivate func read() throws -> String {
        switch self {
        case .argument(let secret): return secret.reveal()
        case .standardInput:
            guard let line = readLine(strippingNewline: true) else {
                throw OpenDatabase.Fault(description: "There is no password on standard input.")
            }
            return line
        }
    }
}
