internal import Domain
internal import Storage

extension Work {
    /// Who a ticket is opened for. Throws `.invalid` when there is nobody with that id.
    ///
    /// Staff who name an account by its id mean the person whose address it has. Where a stranger may have registered it, that person is its
    /// contact until the address is proven, as when they name the address.
    func requester(_ wanted: TicketDraft.Requester, by caller: Caller) async throws -> Party {
        switch wanted {
        case .id(let id):
            guard let person = try await db.first("\(.person) WHERE p.id = \(id) AND p.deleted_at IS NULL", { $0.person() }) else {
                throw DeskError.invalid([InvalidField("requester", "not_found", "There is no such person")])
            }
            guard !person.isVouchedFor, person.id != caller.id, let email = person.email else { return person.party }
            return try await contact(email, nil, by: caller.party).party
        case .contact(let email, let name): return try await contact(email, name, by: caller.party).party
        }
    }

    /// The person who is known by that address, or a new contact. An account counts once its owner has shown that the address is theirs, or
    /// when an admin made it: any other may be a stranger's, who would see what is not theirs.
    func contact(_ email: String, _ name: String?, by actor: Party?) async throws -> Person {
        if let known = try await db.contact(email) { return known }
        let (first, last) = (name ?? "").splitName
        let person = Person(
            id: Person.ID(outside.newID()), origin: .contact, email: email, username: nil, firstName: first,
            lastName: last, name: name ?? Username.from(email: email), role: .customer, supportRole: .general,
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
    /// The account that stands for the address, or else the contact. Locked: a contact who is just becoming an account has no ticket then
    /// that is not handed over.
    fileprivate func contact(_ email: String) async throws -> Person? {
        try await first(
            """
            \(.person) WHERE p.email_key = \(key(email)) AND p.deleted_at IS NULL
                AND (p.origin = 'contact' OR (p.origin = 'account' AND p.needs_proof = FALSE))
            ORDER BY p.origin, p.id LIMIT 1\(engine.lock)
            """
        ) { $0.person() }
    }
}
