internal import Codec
internal import Domain
internal import Storage

extension Desk {
    /// Somebody opened the link in the mail that we sent them: the address is theirs, and what came from it before joins their account.
    /// Throws `.invalid` for a link that is none any more.
    public func verifyAddress(with token: String) async throws {
        let person = try await write { work in
            guard let id = try await work.use(.verify, token: token) else { throw DeskError.deadLink }
            var person = try await work.db.person(id, lock: true)
            try await work.markVerified(&person)
            return person
        }
        try await joinEarlierTickets(to: person)
    }
}

extension Work {
    /// Notes that an address is its person's.
    func markVerified(_ person: inout Person) async throws {
        guard !person.isVerified else { return }
        person.isVerified = true
        try await save(&person, [FieldChange("email_verified", from: .bool(false), to: .bool(true))], by: person.party)
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
