public import Domain
internal import Storage

extension Work {
    /// Deletes somebody: what tells who they were is gone, their tickets and comments stay, signed by nobody. Address and username are
    /// free again, every sign-in and key is dead. What else names them, and the tickets they worked on, is seen to soon after, in steps:
    /// `Desk.finishDepartures`.
    ///
    /// Throws as changing somebody does. Whom an issuer vouches for is made anew when their token comes again: to keep them out,
    /// deactivate them.
    public func deleteUser(_ id: Person.ID, expecting expected: Int?, as caller: Caller) async throws {
        guard caller.mayManagePeople else { throw DeskError.forbidden("Only an admin deletes people") }
        let old = try await personToLessen(id, expecting: expected)
        if old.isActingAdmin { try await mayLose(old, by: caller) }
        let person = old.erased(at: now)
        changesCallers = true
        try await db.save(person)
        try await db.eraseCredentials(of: id, at: now)
        try await noteDeparture(of: id, isErased: true)
        record(.userDeleted, person, by: caller.party)
    }
}

extension Person {
    fileprivate func erased(at now: Moment) -> Person {
        var person = self
        (person.email, person.username, person.locale, person.timeZone) = (nil, nil, nil, nil)
        (person.firstName, person.lastName, person.name) = ("", "", "Deleted user")
        (person.isActive, person.isAvailable, person.isVerified) = (false, false, false)
        person.updatedAt = now
        person.revision += 1
        return person
    }
}

extension Connection {
    fileprivate func eraseCredentials(of id: Person.ID, at now: Moment) async throws {
        try await run(
            """
            UPDATE people SET deleted_at = \(now), password_hash = \(String?.none), totp_secret = \([UInt8]?.none),
                totp_confirmed = FALSE, issuer = \(String?.none), subject = \(String?.none), claimed_at = \(Moment?.none),
                claims_end_at = \(Moment?.none)
            WHERE id = \(id)
            """)
        try await run("DELETE FROM people_words WHERE person_id = \(id)")
        // With what hangs on them: a sign-in's refresh tokens.
        try await run("DELETE FROM sessions WHERE person_id = \(id)")
        try await run("DELETE FROM api_keys WHERE person_id = \(id)")
        try await run("DELETE FROM recovery_codes WHERE person_id = \(id)")
        try await run("DELETE FROM mailed_links WHERE person_id = \(id)")
    }
}
