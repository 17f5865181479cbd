import Domain
import Glibc
import Helpdesk

extension AccountAction {
    /// Does it, and gives what to print.
    func run(_ settings: DeskSettings) throws -> String {
        // Before the database is opened, which a person at a terminal should not hold up.
        let password = try password?.read()
        return try prepareDesk(settings) { desk in try await run(desk, password ?? "") }.result
    }

    private var password: GivenPassword? {
        switch self {
        case .list: nil
        case .create(let person): person.password
        case .password(_, let password, _): password
        }
    }

    private func run(_ desk: Desk, _ password: String) async throws -> String {
        switch self {
        case .list: return try await Self.list(desk)
        case .create(let wanted):
            var registration = Helpdesk.Registration()
            (registration.email, registration.password) = (wanted.email, password)
            registration.fullName = wanted.name ?? Username.from(email: wanted.email)
            let person = try await desk.addAccount(registration, role: wanted.role)
            let role = "\(wanted.role == .customer ? "a" : "an") \(person.role.rawValue)"
            return "\(wanted.email) is \(role) now; the username is \(person.username ?? "-").\n"
        case .password(let name, _, let endsSecondFactor):
            try await desk.setPassword(of: name, to: password, endingSecondFactor: endsSecondFactor)
            return "The password of \(name) was set, and all their sign-ins and API keys ended.\n"
        }
    }

    /// All accounts, a page at a time, so that no number of them holds up anybody.
    private static func list(_ desk: Desk) async throws -> String {
        var rows = [["ID", "EMAIL", "USERNAME", "NAME", "ROLE", "ACTIVE"]]
        var last: Person?
        while true {
            let after = last
            let page = try await desk.read(for: .server) { look in try await look.accounts(after: after, atMost: 500) }
            for person in page {
                let facts = [person.id.text, person.email ?? "-", person.username ?? "-", person.name, person.role.rawValue]
                rows.append(facts.map(\.onOneLine) + [person.isActive ? "yes" : "no"])
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

extension String {
    /// Names are their people's to choose; none shall move the cursor of whoever lists them.
    fileprivate var onOneLine: String {
        unicodeScalars.contains { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format } ? quoted : self
    }
}
