internal import Codec
public import Domain
internal import Storage

/// From where somebody signs in, as their list of sign-ins shows it.
public struct Client: Sendable {
    public var address: String
    public var userAgent: String

    public init(address: String, userAgent: String) {
        self.address = address
        self.userAgent = String(userAgent.unicodeScalars.prefix(255))
    }
}

/// What somebody gets who has shown who they are.
public struct SignIn: Sendable {
    public let person: Person
    public let accessToken: String
    public let refreshToken: String
    /// Seconds that the access token lives.
    public let expiresIn: Int
}

extension Desk {
    /// Signs somebody in by address or username. Throws `.unauthorized`, in the same words and after the same time whether the password
    /// is wrong or nobody has that name, and `.busy` when too many wait.
    public func signIn(_ name: String, password: String, code: String? = nil, from client: Client) async throws -> SignIn {
        let known = try await read { look in try await look.db.credential(of: name) }
        let (fits, renewed) = try await check(password: password, against: known?.hash)
        guard let known, fits, known.isActive else { throw DeskError.invalidCredentials }
        let signIn = try await write { work in
            // Read again under a lock: the password may have been changed, or the person dismissed, while this one was checked.
            let person = try await work.db.person(known.id, lock: true)
            guard person.isActive, try await work.db.passwordHash(of: known.id) == known.hash else { throw DeskError.invalidCredentials }
            try await work.checkSecondFactor(of: person.id, code: code)
            if let renewed { try await work.db.setPasswordHash(renewed, of: person.id) }
            return try await work.beginSession(of: person, from: client)
        }
        try await joinEarlierTickets(to: signIn.person)
        return signIn
    }
}

extension DeskError {
    static let invalidCredentials = DeskError.unauthorized("Invalid credentials")
}

/// What somebody's password is checked against.
struct StoredCredential: Sendable {
    let id: Person.ID
    let hash: String
    let isActive: Bool
}

extension Desk {
    /// Whose account has this address or username, with or without a password; nil for nobody's.
    public func accountID(named name: String) async throws -> Person.ID? {
        try await read { look in
            try await look.db.first("SELECT id FROM people WHERE \(signsInAs(name)) AND deleted_at IS NULL") { $0.id() }
        }
    }
}

/// The condition that an account is the one that somebody means who signs in.
private func signsInAs(_ name: String) -> SQL {
    name.utf8.contains(UInt8(ascii: "@"))
        ? "email_key = \(key(name)) AND origin = 'account'" : "username_key = \(key(name)) AND username_key IS NOT NULL"
}

extension Connection {
    /// What somebody of this address or username signs in with; nil for nobody, and for people without a password.
    func credential(of name: String) async throws -> StoredCredential? {
        try await first(
            "SELECT id, password_hash, is_active FROM people WHERE \(signsInAs(name)) AND deleted_at IS NULL AND password_hash IS NOT NULL"
        ) { StoredCredential(id: $0.id(), hash: $0.text(), isActive: $0.bool()) }
    }

    func passwordHash(of person: Person.ID) async throws -> String? {
        try await first("SELECT password_hash FROM people WHERE id = \(person)") { $0.optionalText() } ?? nil
    }

    func setPasswordHash(_ hash: String, of person: Person.ID) async throws {
        try await run("UPDATE people SET password_hash = \(hash) WHERE id = \(person)")
    }
}
