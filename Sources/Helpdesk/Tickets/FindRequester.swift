internal import Domain
internal import Storage

extension Work {
    /// Who a ticket is opened for. Throws `.invalid` when there is nobody with that id.
    func requester(_ wanted: TicketDraft.Requester, by caller: Caller) async throws -> Party {
        switch wanted {
        case .id(let id):
            guard let person = try await db.first("\(.person) WHERE p.id = \(id) AND p.deleted_at IS NULL", { $0.person() }) else {
                throw DeskError.invalid([InvalidField("requester", "not_found", "There is no such person")])
            }
            return person.party
        case .contact(let email, let name): return try await contact(email, name, by: caller.party).party
        }
    }

    /// Whoever is known by that address, or a new contact. An account counts only once it owns its address: until then anybody may have
    /// registered it, and would see what is not theirs.
    func contact(_ email: String, _ name: String?, by actor: Party?) async throws -> Person {
        if let known = try await db.contact(email) { return known }
        let parts = (name ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        let person = Person(
            id: Person.ID(outside.newID()), origin: .contact, email: email, username: nil, firstName: parts.first ?? "",
            lastName: parts.count > 1 ? parts[1] : "", name: name ?? Username.from(email: email), role: .customer, supportRole: .general,
            isActive: true,
            isAvailable: true, isVerified: false, locale: nil, timeZone: nil, createdAt: now, updatedAt: now, revision: 1)
        if try await db.insert(person) {
            record(.userCreated, person, by: actor)
            return person
        }
        // Somebody else added the same contact meanwhile.
        guard let other = try await db.contact(email) else { throw StorageFault.broken("a contact is neither new nor known") }
        return other
    }
}

extension SQL {
    fileprivate static var person: SQL { "SELECT \(.personColumns) FROM people p" }
}

extension Connection {
    /// The account that owns the address, or else the contact. Locked: a contact who is just becoming an account has no ticket then
    /// that is not handed over.
    fileprivate func contact(_ email: String) async throws -> Person? {
        try await first(
            """
            \(.person) WHERE p.email_key = \(key(email)) AND p.deleted_at IS NULL
                AND (p.origin = 'contact' OR (p.origin = 'account' AND p.is_verified = TRUE AND p.needs_proof = FALSE))
            ORDER BY p.origin, p.id LIMIT 1\(engine.lock)
            """
        ) { $0.person() }
    }
}
