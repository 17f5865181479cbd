internal import Codec
public import Domain
internal import Storage

/// What is known of somebody who is added.
public struct PersonDraft: Sendable {
    public var email: String?
    public var username: String?
    public var firstName = ""
    public var lastName = ""
    /// What they are called; nil: first and last name.
    public var name: String?
    public var role = Role.customer
    public var supportRole = SupportRole.general
    public var isVerified = false
    /// Whether nobody whom we know says who they are: they registered themselves.
    public var needsProof = false

    public init() {}
}

extension Work {
    /// Adds somebody with an account. Without a username they get the local part of their address, with a number where that is taken.
    /// Throws `.conflict` when the address is known or the username taken.
    public func add(_ draft: PersonDraft, passwordHash: String?, by actor: Party?) async throws -> Person {
        let person = try await insert(draft, passwordHash: passwordHash)
        record(.userCreated, person, by: actor)
        return person
    }

    /// The same for somebody who adds themselves.
    func addThemselves(_ draft: PersonDraft, passwordHash: String) async throws -> Person {
        let person = try await insert(draft, passwordHash: passwordHash)
        record(.userCreated, person, by: person.party)
        return person
    }

    private func insert(_ draft: PersonDraft, passwordHash: String?) async throws -> Person {
        var person = person(draft)
        if let email = draft.email { try await reserve(address: email) }
        for attempt in 0..<Self.mostUsernames {
            if draft.username == nil, let email = draft.email { person.username = username(from: email, attempt, for: draft.role) }
            if let username = person.username { try await reserve(username: username) }
            if try await db.insert(person, passwordHash: passwordHash) { return person }
            if let email = draft.email, try await db.hasAccount(with: email) { throw DeskError.conflict("Email already registered") }
            if draft.username != nil { throw DeskError.conflict("Username already taken") }
        }
        throw DeskError.conflict("No free username was found: please choose one")
    }

    private func person(_ draft: PersonDraft) -> Person {
        let fullName = [draft.firstName, draft.lastName].filter { !$0.isEmpty }.joined(separator: " ")
        return Person(
            id: Person.ID(outside.newID()), origin: .account, email: draft.email, username: draft.username, firstName: draft.firstName,
            lastName: draft.lastName, name: draft.name ?? fullName, role: draft.role, supportRole: draft.supportRole, isActive: true,
            isAvailable: draft.role != .admin, isVerified: draft.isVerified, locale: nil, timeZone: nil, createdAt: now, updatedAt: now,
            revision: 1, needsProof: draft.needsProof)
    }

    private static let mostUsernames = 20

    /// The local part, then with 2, 3, 4; then with numbers drawn from more and more of them, so that a hundred people of one name do
    /// not try each other's one by one.
    private func username(from email: String, _ attempt: Int, for role: Role) -> String {
        let base = Username.chosen(from: email, for: role)
        if attempt == 0 { return base }
        let number =
            if attempt < 4 { attempt + 1 } else { 10 + Int(outside.newToken() & 0xFFFF_FFFF) % (90 << min(attempt, 20)) }
        let digits = String(number)
        return String(base.unicodeScalars.prefix(Username.longest - digits.utf8.count)) + digits
    }

    /// A username that nobody else has now, for somebody who is not added but becomes an account.
    func freeUsername(from email: String, for person: Person) async throws -> String? {
        for attempt in 0..<Self.mostUsernames {
            let name = username(from: email, attempt, for: person.role)
            try await reserve(username: name)
            let taken = try await db.first("SELECT id FROM people WHERE username_key = \(key(name)) AND id <> \(person.id)") { $0.uuid() }
            if taken == nil { return name }
        }
        return nil
    }

    /// Keeps every other transaction that gives this address an account waiting until this one has ended, so that one that makes an
    /// account of a contact cannot meet another that has just added one. Before any row is locked.
    func reserve(address email: String) async throws { try await hold("address \(key(email))") }

    /// The same for a username. Who tries several tries longer ones later, so that two never wait for each other.
    func reserve(username: String) async throws { try await hold("username \(key(username))") }

    /// Keeps every other transaction that holds the same waiting.
    func hold(_ what: String) async throws {
        // SQLite has one writer.
        guard db.engine == .postgres else { return }
        let number = SHA256.digest(Array(what.utf8)).prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        try await db.run("SELECT CAST(pg_advisory_xact_lock(\(Int(number))) AS text)")
    }
}

extension Connection {
    func hasAccount(with email: String) async throws -> Bool {
        try await first("SELECT id FROM people WHERE email_key = \(key(email)) AND origin = 'account'") { $0.uuid() } != nil
    }
}
