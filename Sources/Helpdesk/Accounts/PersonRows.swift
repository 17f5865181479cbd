internal import Domain
internal import Storage

// How people are read and written. Everybody who reads a whole person reads them here.

extension SQL {
    /// The columns of a person, in the order in which `Row.person` reads them.
    static var personColumns: SQL {
        """
        p.id, p.origin, p.email, p.username, p.first_name, p.last_name, p.name, p.role, p.support_role, p.is_active, p.is_available,
        p.is_verified, p.locale, p.time_zone, p.created_at, p.updated_at, p.revision, p.needs_proof
        """
    }
}

extension Row {
    mutating func person() -> Person {
        Person(
            id: id(), origin: word(), email: optionalText(), username: optionalText(), firstName: text(), lastName: text(),
            name: text(), role: word(), supportRole: word(), isActive: bool(), isAvailable: bool(), isVerified: bool(),
            locale: optionalText(), timeZone: optionalText(), createdAt: moment(), updatedAt: moment(), revision: int(),
            needsProof: bool())
    }
}

extension Connection {
    /// Somebody by id; nobody who was erased. Throws `.notFound`.
    func person(_ id: Person.ID, lock: Bool = false) async throws -> Person {
        let lock: SQL = lock ? engine.lock : ""
        let person = try await first("SELECT \(.personColumns) FROM people p WHERE p.id = \(id) AND p.deleted_at IS NULL\(lock)") {
            $0.person()
        }
        guard let person else { throw DeskError.notFound("User not found") }
        return person
    }

    /// Adds somebody, unless their address, username or issuer's id is taken: then false.
    func insert(_ person: Person, passwordHash: String? = nil, issuer: String? = nil, subject: String? = nil) async throws -> Bool {
        let isNew =
            try await run(
                """
                INSERT INTO people (
                    id, origin, email, email_key, username, username_key, first_name, last_name, name, name_key, role, support_role,
                    is_active, is_available, is_verified, needs_proof, locale, time_zone, password_hash, totp_secret, totp_confirmed,
                    totp_last_step, issuer, subject, open_tickets, created_at, updated_at, deleted_at, revision)
                VALUES (
                    \(person.id), \(person.origin), \(person.email), \(person.email.map(key)), \(person.username),
                    \(person.username.map(key)), \(person.firstName), \(person.lastName), \(person.name), \(key(person.name)), \(person.role),
                    \(person.supportRole), \(person.isActive), \(person.isAvailable), \(person.isVerified), \(person.needsProof),
                    \(person.locale), \(person.timeZone), \(passwordHash), \([UInt8]?.none), \(false), \(0), \(issuer), \(subject), \(0),
                    \(person.createdAt), \(person.updatedAt), \(Moment?.none), \(person.revision))
                ON CONFLICT DO NOTHING
                """) == 1
        if isNew { try await replaceWords(of: person) }
        return isNew
    }

    /// Writes all that may have changed of a person but what they sign in with.
    func save(_ person: Person) async throws {
        try await run(
            """
            UPDATE people SET
                origin = \(person.origin), email = \(person.email), email_key = \(person.email.map(key)),
                username = \(person.username), username_key = \(person.username.map(key)), first_name = \(person.firstName),
                last_name = \(person.lastName), name = \(person.name), name_key = \(key(person.name)), role = \(person.role),
                support_role = \(person.supportRole), is_active = \(person.isActive), is_available = \(person.isAvailable),
                is_verified = \(person.isVerified), needs_proof = \(person.needsProof), locale = \(person.locale),
                time_zone = \(person.timeZone), updated_at = \(person.updatedAt), revision = \(person.revision)
            WHERE id = \(person.id)
            """)
        try await replaceWords(of: person)
    }
}
