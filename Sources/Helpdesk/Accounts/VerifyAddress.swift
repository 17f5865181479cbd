internal import Codec
public import Domain
internal import Storage

// Somebody registers an address and a password. A link in a mail shows that its reader has the address, and does not show that the reader
// is the one who registered: a stranger may have, in the hope that the reader follows the link and hands them what came from the address
// before. So what came before is handed over only to who shows both, the link and the password or a sign-in. Who did not register sets
// a password of their own by the link (`resetPassword`), and the stranger is out.

extension Desk {
    /// Somebody brings the link from a mail of ours: the address is verified. When they also show that the account is theirs, by its
    /// password or by being signed in, what came from the address before joins it.
    ///
    /// Throws `.invalid` for a link that is none any more, and for a wrong password, which leaves the link as it was.
    public func verifyAddress(with token: String, password: String? = nil, as caller: Caller? = nil) async throws {
        var fitted: String?
        if let password { fitted = try await hash(fitting: password, behind: token) }
        let hash = fitted
        let person = try await write { work in
            guard let id = try await work.use(.verify, token: token) else { throw DeskError.deadLink }
            var person = try await work.db.person(id, lock: true)
            // The password may have been changed while this one was checked.
            if let hash, try await work.db.passwordHash(of: id) != hash { throw DeskError.wrongLinkPassword }
            let isSignedIn = caller?.session != nil && caller?.id == id
            try await work.markVerified(&person, isProven: hash != nil || isSignedIn)
            return person
        }
        try await joinEarlierTickets(to: person)
    }

    /// The hash of whom a link was mailed to, if this is their password. Throws `.invalid` when it is not, or the link is dead.
    private func hash(fitting password: String, behind token: String) async throws -> String {
        let known = try await read { look in
            guard try await look.isGood(.verify, token: token) else { throw DeskError.deadLink }
            return try await look.passwordHash(behind: token)
        }
        guard try await check(password: password, against: known).fits, let known else { throw DeskError.wrongLinkPassword }
        return known
    }
}

extension Look {
    fileprivate func passwordHash(behind token: String) async throws -> String? {
        try await db.first(
            """
            SELECT p.password_hash FROM mailed_links l JOIN people p ON p.id = l.person_id
            WHERE l.digest = \(GivenSecret.digest(of: token)) AND p.deleted_at IS NULL
            """
        ) { $0.optionalText() } ?? nil
    }
}

extension Work {
    /// Notes that an address can be read by whoever brought the link, and, where they proved it, that they are the account's owner.
    func markVerified(_ person: inout Person, isProven: Bool) async throws {
        let needsProof = person.needsProof && !isProven
        guard !person.isVerified || person.needsProof != needsProof else { return }
        var changes = FieldChanges()
        changes.note("email_verified", person.isVerified, true)
        (person.isVerified, person.needsProof) = (true, needsProof)
        try await save(&person, changes.list, by: person.party)
    }

    /// Writes a person who was changed, with the event that tells of it.
    func save(_ person: inout Person, _ changes: [FieldChange], by actor: Party?) async throws {
        person.revision += 1
        person.updatedAt = max(person.updatedAt, now)
        changesCallers = true
        try await db.save(person)
        record(.userUpdated, person, by: actor, changes)
    }
}

extension DeskError {
    fileprivate static let wrongLinkPassword = DeskError.invalid([
        InvalidField("password", "password_wrong", "This is not the password of the account")
    ])
}
