internal import Codec
internal import Domain
internal import Storage

extension Desk {
    /// Mails whoever has this address a link to set a new password with: the account, or, without one, the person who wrote to us
    /// before and has none yet. Whether there is anybody cannot be told from the outside, nor from the time it takes.
    public func mailPasswordLink(to email: String) async throws {
        try await write { work in
            let person = try await work.db.personToMail(email)
            try await work.mailLink(.reset, to: person)
        }
    }

    /// Sets a new password by a mailed link, and ends all sign-ins and API keys: whoever knew the old one is out. Who could open the link
    /// has the address, so it counts as verified; a contact has an account from now on. Throws `.invalid` for the password, or the link.
    ///
    /// - Parameter purpose: what the link was mailed for. By one that asks whether an address is theirs somebody claims an account that
    ///   they did not register.
    public func resetPassword(with token: String, to password: String, by purpose: LinkPurpose = .reset) async throws {
        guard Password.length.contains(password.unicodeScalars.count) else { throw DeskError.invalid([.password("password")]) }
        // Asked before the work of hashing is done for somebody who has no link.
        guard try await read({ look in try await look.isGood(purpose, token: token) }) else { throw DeskError.deadLink }
        let hash = try await hash(password: password)
        let person = try await write { work in try await work.resetPassword(with: token, by: purpose, hash: hash) }
        try await joinEarlierTickets(to: person)
    }
}

extension Work {
    fileprivate func resetPassword(with token: String, by purpose: LinkPurpose, hash: String) async throws -> Person {
        guard let id = try await use(purpose, token: token) else { throw DeskError.deadLink }
        var person = try await owner(of: id)
        let before = person
        if person.needsProof { try await forgetWhoRegistered(&person) }
        (person.isVerified, person.needsProof, person.origin) = (true, false, .account)
        if person.role == .guest { person.role = .customer }
        if person.username == nil, let email = person.email { person.username = try await freeUsername(from: email, for: person) }
        try await setPassword(hash, of: &person, by: person.party, before.changes(claimed: person))
        try await endLinks(.verify, of: person.id)
        try await endAPIKeys(of: person.id)
        return person
    }

    /// Takes away what was set up by somebody who never showed that the address is theirs: it may have been a stranger, who would be let in
    /// by it, keep the owner out, or speak in their name.
    private func forgetWhoRegistered(_ person: inout Person) async throws {
        try await db.forgetSecondFactor(of: person.id)
        try await db.run("UPDATE inboxes SET preferences = '{}', revision = revision + 1 WHERE person_id = \(person.id)")
        (person.firstName, person.lastName, person.locale, person.timeZone) = ("", "", nil, nil)
        guard let email = person.email else { return }
        person.username = try await freeUsername(from: email, for: person)
        person.name = person.username ?? Username.from(email: email)
    }

    /// Whose password the link sets: the person's, or the account's that has come to be with a contact's address meanwhile.
    private func owner(of id: Person.ID) async throws -> Person {
        let person = try await db.person(id)
        guard person.origin == .contact, let email = person.email else { return try await db.person(id, lock: true) }
        try await reserve(address: email)
        let account = try await db.first("SELECT id FROM people WHERE email_key = \(key(email)) AND origin = 'account'") {
            $0.id(of: Person.self)
        }
        return try await db.person(account ?? id, lock: true)
    }

    /// Keeps a new password, and ends sign-ins and links that the old one may have opened to others.
    func setPassword(
        _ hash: String, of person: inout Person, by actor: Party?, keeping kept: Session.ID? = nil, _ changes: [FieldChange] = []
    ) async throws {
        try await save(&person, changes + [FieldChange("password", from: .null, to: .text("changed"))], by: actor)
        try await db.setPasswordHash(hash, of: person.id)
        try await endSessions(of: person.id, but: kept)
        try await endLinks(.reset, of: person.id)
    }
}

extension Person {
    /// What becomes other when the owner of an address sets a password.
    fileprivate func changes(claimed after: Person) -> [FieldChange] {
        var changes = FieldChanges()
        changes.note("email_verified", isVerified, after.isVerified)
        changes.note("origin", origin.rawValue, after.origin.rawValue)
        changes.note("username", username, after.username)
        changes.note("first_name", firstName, after.firstName)
        changes.note("last_name", lastName, after.lastName)
        changes.note("name", name, after.name)
        return changes.list
    }
}

extension Connection {
    /// Who is mailed a link to a password: an account that may sign in, else a contact.
    fileprivate func personToMail(_ email: String) async throws -> Person? {
        try await first(
            """
            SELECT \(.personColumns) FROM people p
            WHERE p.email_key = \(key(email)) AND p.origin IN ('account', 'contact') AND p.is_active = TRUE AND p.deleted_at IS NULL
            ORDER BY p.origin LIMIT 1
            """
        ) { $0.person() }
    }
}
