internal import Domain
internal import Storage

// How a desk that was just set up gets its first admin: named in the settings, added by a command, or by a link that is printed where
// only the operator sees it.

extension Desk {
    public func hasAdmin() async throws -> Bool { try await read { look in try await look.db.hasAdmin() } }

    /// Adds the admin that the settings name, if there is none yet. Answers whether it did.
    public func addFirstAdmin(email: String, password: String) async throws -> Bool {
        if try await hasAdmin() { return false }
        var registration = Registration()
        (registration.email, registration.password, registration.role) = (email, password, .admin)
        registration.firstName = "Admin"
        try registration.check(for: .admin)
        let hash = try await hash(password: password)
        let draft = PersonDraft(registration, role: .admin, isVerified: true)
        return try await write { work in
            try await work.hold("the first admin")
            if try await work.db.hasAdmin() { return false }
            _ = try await work.add(draft, passwordHash: hash, by: nil)
            return true
        }
    }

    /// A link that makes the first admin, good for an hour and as long as there is none; nil when there is one. Links that were made
    /// before are dead, so that an old log opens nothing.
    public func makeSetUpLink() async throws -> String? {
        try await write { work in
            if try await work.db.hasAdmin() { return nil }
            try await work.db.run("UPDATE mailed_links SET used_at = \(work.now) WHERE purpose = \(LinkPurpose.setUp) AND used_at IS NULL")
            return try await work.makeLink(.setUp, for: nil)
        }
    }

    /// Makes the first admin by such a link, and signs them in. Throws `.invalid` for the link or what was filled in, and `.conflict` when
    /// there is an admin.
    public func setUp(with token: String, _ registration: Registration, from client: Client) async throws -> SignIn {
        try registration.check(for: .admin)
        guard try await read({ look in try await look.isGood(.setUp, token: token) }) else { throw DeskError.deadLink }
        let hash = try await hash(password: registration.password)
        let draft = PersonDraft(registration, role: .admin, isVerified: true)
        return try await write { work in
            try await work.hold("the first admin")
            if try await work.db.hasAdmin() { throw DeskError.conflict("There is an admin already") }
            _ = try await work.use(.setUp, token: token)
            let person = try await work.addThemselves(draft, passwordHash: hash)
            return try await work.beginSession(of: person, from: client)
        }
    }
}

extension Connection {
    /// Whether an admin of our own can sign in. An admin by an outside issuer's word, or one who has never set a password, may not be there
    /// to help anybody.
    fileprivate func hasAdmin() async throws -> Bool {
        let admin = try await first(
            """
            SELECT id FROM people
            WHERE role = 'admin' AND origin = 'account' AND is_active = TRUE AND deleted_at IS NULL AND password_hash IS NOT NULL LIMIT 1
            """
        ) { $0.uuid() }
        return admin != nil
    }
}
