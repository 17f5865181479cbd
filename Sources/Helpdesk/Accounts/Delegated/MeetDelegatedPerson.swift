internal import Codec
internal import Domain
internal import Storage

extension Desk {
    /// Whoever an outside issuer vouches for with this token. Made on first sight, and kept as the issuer describes them.
    func findVouchedFor(_ credential: [UInt8], at now: Moment) async throws -> Found? {
        guard let claims = await delegated?.read(credential, at: now) else { return nil }
        var known = try await read { look in try await look.db.vouchedFor(claims) }
        if known.map({ $0.person.isActive && claims.change($0) }) ?? true {
            known = try await write { work in try await work.meet(claims) }
        }
        guard let person = known?.person, person.isActive else { return nil }
        // What was written may be newer than this token, or less than it says: it is what counts.
        let caller = Caller(
            id: person.id, label: person.id.text, name: person.name, email: person.email, role: min(person.role, highestRole),
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
        try await db.note(claims.issuedAt, of: person.id)
        record(.userCreated, person, by: person.party)
        return VouchedFor(person: person, claimedAt: claims.issuedAt)
    }

    private func update(_ known: VouchedFor, _ claims: DelegatedClaims) async throws -> VouchedFor {
        guard claims.change(known) else { return known }
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
        try await db.note(claims.issuedAt, of: person.id)
        record(.userUpdated, person, by: person.party, changes.list)
        changesCallers = true
        return VouchedFor(person: person, claimedAt: claims.issuedAt ?? known.claimedAt)
    }
}

/// Somebody whom an issuer vouched for before, and when it last said what is known.
struct VouchedFor: Sendable {
    let person: Person
    let claimedAt: Moment?
}

extension DelegatedClaims {
    /// Whether these claims say something else than what is known, and are not older.
    fileprivate func change(_ known: VouchedFor) -> Bool {
        if let issuedAt, let claimedAt = known.claimedAt, issuedAt < claimedAt { return false }
        let person = known.person
        return person.name != name || person.email != email || person.role != role
    }
}

extension Connection {
    fileprivate func vouchedFor(_ claims: DelegatedClaims, lock: Bool = false) async throws -> VouchedFor? {
        let lock: SQL = lock ? engine.lock : ""
        return try await first(
            """
            SELECT \(.personColumns), p.claimed_at FROM people p
            WHERE p.origin = 'delegated' AND p.issuer = \(claims.issuer) AND p.subject = \(claims.subject)\(lock)
            """
        ) { row in VouchedFor(person: row.person(), claimedAt: row.optionalMoment()) }
    }

    fileprivate func note(_ claimedAt: Moment?, of person: Person.ID) async throws {
        guard let claimedAt else { return }
        try await run("UPDATE people SET claimed_at = \(claimedAt) WHERE id = \(person)")
    }
}

extension String {
    /// A whole name as first and last name: parted at the first blank.
    var splitName: (first: String, last: String) {
        guard let blank = firstIndex(of: " ") else { return (self, "") }
        return (String(self[..<blank]), String(self[index(after: blank)...]))
    }
}
