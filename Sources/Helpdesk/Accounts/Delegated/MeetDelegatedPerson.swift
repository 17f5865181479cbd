internal import Codec
internal import Domain
internal import Storage

extension Desk {
    /// Whoever an outside issuer vouches for with this token. Made on first sight, and kept as the issuer describes them.
    func findVouchedFor(_ credential: [UInt8], at now: Moment) async throws -> Found? {
        guard let claims = await delegated?.read(credential, at: now) else { return nil }
        var known = try await read { look in try await look.db.vouchedFor(claims) }
        if known.map({ $0.person.isActive && claims.news(about: $0, at: now) != nil }) ?? true {
            known = try await write { work in try await work.meet(claims) }
        }
        guard let person = known?.person, person.isActive else { return nil }
        // What was written may be newer than this token, or less than it says: it is what counts. A token that does not say when it was made
        // gives nobody more than it says itself, though what it says may not have been taken on.
        let granted = claims.issuedAt == nil ? min(person.role, claims.role) : person.role
        let caller = Caller(
            id: person.id, label: person.id.text, name: person.name, email: person.email, role: min(granted, highestRole),
            supportRole: person.supportRole, seesAssignedOnly: rules.agentScope == .assigned)
        return Found(caller: caller, expiresAt: claims.expiresAt)
    }

    private var highestRole: Role { delegated?.highestRole ?? .guest }
}

extension Work {
    /// Makes them, or makes them as the claims say. Of many requests that bring somebody for the first time one makes them.
    fileprivate func meet(_ claims: DelegatedClaims) async throws -> VouchedFor {
        if let known = try await db.vouchedFor(claims, lock: true) { return try await update(known, claims) }
        let (first, last) = claims.name.splitName
        let person = Person(
            id: Person.ID(outside.newID()), origin: .delegated, email: claims.email, username: nil, firstName: first, lastName: last,
            name: claims.name, role: claims.role, supportRole: .general, isActive: true, isAvailable: claims.role != .admin,
            isVerified: false, locale: nil, timeZone: nil, createdAt: now, updatedAt: now, revision: 1)
        guard try await db.insert(person, issuer: claims.issuer, subject: claims.subject) else {
            guard let known = try await db.vouchedFor(claims, lock: true) else {
                throw StorageFault.broken("somebody who is there already is not there")
            }
            return try await update(known, claims)
        }
        let made = VouchedFor(person: person, claimedAt: nil, claimsEndAt: nil).taking(claims)
        try await db.noteOrder(of: made)
        record(.userCreated, person, by: person.party)
        return made
    }

    private func update(_ known: VouchedFor, _ said: DelegatedClaims) async throws -> VouchedFor {
        guard let claims = said.news(about: known, at: now) else { return known }
        var person = known.person
        var changes = FieldChanges()
        changes.note("name", person.name, claims.name)
        changes.note("email", person.email, claims.email)
        changes.note("role", person.role.rawValue, claims.role.rawValue)
        if person.role != claims.role { person.isAvailable = claims.role != .admin }
        (person.firstName, person.lastName) = claims.name.splitName
        (person.name, person.email, person.role) = (claims.name, claims.email, claims.role)
        person.updatedAt = now
        person.revision += 1
        try await db.save(person)
        try await noteDeparture(from: known.person, to: person)
        let updated = VouchedFor(person: person, claimedAt: known.claimedAt, claimsEndAt: known.claimsEndAt).taking(claims)
        try await db.noteOrder(of: updated)
        record(.userUpdated, person, by: person.party, changes.list)
        changesCallers = true
        return updated
    }
}

extension VouchedFor {
    /// The same, now that these claims were taken on.
    fileprivate func taking(_ claims: DelegatedClaims) -> VouchedFor {
        var known = self
        if let issuedAt = claims.issuedAt { known.claimedAt = max(issuedAt, claimedAt ?? issuedAt) }
        if claims.expiresAt != .never { known.claimsEndAt = max(claims.expiresAt, claimsEndAt ?? claims.expiresAt) }
        return known
    }
}

extension Connection {
    fileprivate func vouchedFor(_ claims: DelegatedClaims, lock: Bool = false) async throws -> VouchedFor? {
        let lock: SQL = lock ? engine.lock : ""
        return try await first(
            """
            SELECT \(.personColumns), p.claimed_at, p.claims_end_at FROM people p
            WHERE p.origin = 'delegated' AND p.issuer = \(claims.issuer) AND p.subject = \(claims.subject)\(lock)
            """
        ) { row in VouchedFor(person: row.person(), claimedAt: row.optionalMoment(), claimsEndAt: row.optionalMoment()) }
    }

    fileprivate func noteOrder(of known: VouchedFor) async throws {
        try await run(
            "UPDATE people SET claimed_at = \(known.claimedAt), claims_end_at = \(known.claimsEndAt) WHERE id = \(known.person.id)")
    }
}
