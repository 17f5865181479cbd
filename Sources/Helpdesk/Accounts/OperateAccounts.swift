internal import Codec
public import Domain
internal import Storage

// What whoever runs the server does with accounts from the command line. Nobody asks who they are: they hold the database.

extension Desk {
    /// Adds somebody with a verified address. Throws as `register` does.
    public func addAccount(_ registration: Registration, role: Role) async throws -> Person {
        try registration.check(for: role)
        let hash = try await hash(password: registration.password)
        let draft = PersonDraft(registration, role: role, isVerified: true)
        return try await write { work in try await work.add(draft, passwordHash: hash, by: nil) }
    }

    /// Sets somebody's password, by address or username, and ends their sign-ins and API keys. Throws `.notFound` and `.invalid`.
    /// - Parameter endingSecondFactor: for who can give no code any more.
    public func setPassword(of name: String, to password: String, endingSecondFactor: Bool = false) async throws {
        guard Password.length.contains(password.unicodeScalars.count) else { throw DeskError.invalid([.password("password")]) }
        let hash = try await hash(password: password)
        try await write { work in
            var person = try await work.db.account(named: name)
            var changes: [FieldChange] = []
            if endingSecondFactor, try await work.db.secondFactor(of: person.id) != nil {
                try await work.db.forgetSecondFactor(of: person.id)
                changes.append(FieldChange("totp", from: .bool(true), to: .bool(false)))
            }
            try await work.setPassword(hash, of: &person, by: nil, changes)
            try await work.endAPIKeys(of: person.id)
        }
    }
}

extension Look {
    /// A page of accounts in the order in which they were added, from after the given one; guests and contacts are none.
    public func accounts(after last: Person?, atMost most: Int) async throws -> [Person] {
        let isLater: SQL = if let last { " AND (p.created_at, p.id) > (\(last.createdAt), \(last.id))" } else { "" }
        return try await db.all(
            """
            SELECT \(.personColumns) FROM people p WHERE p.origin = 'account' AND p.deleted_at IS NULL\(isLater)
            ORDER BY p.created_at, p.id LIMIT \(most)
            """
        ) { $0.person() }
    }
}

extension Connection {
    /// An account by address or username, to be changed. Throws `.notFound`.
    fileprivate func account(named name: String) async throws -> Person {
        let isIt: SQL = name.utf8.contains(UInt8(ascii: "@")) ? "email_key = \(key(name))" : "username_key = \(key(name))"
        let id = try await first("SELECT id FROM people WHERE \(isIt) AND origin = 'account' AND deleted_at IS NULL") {
            $0.id(of: Person.self)
        }
        guard let id else { throw DeskError.notFound("There is no account \(name)") }
        return try await person(id, lock: true)
    }
}
