internal import Domain
internal import Storage

// A desk without an admin could not be helped by anybody, so there is always one. Two who take each other's role at once wait for each
// other here, and the second is refused.

extension Work {
    /// Somebody, read to be changed, while nobody else takes an admin's standing. Throws `.notFound`, and `.stale`.
    func personToLessen(_ id: Person.ID, expecting expected: Int?) async throws -> Person {
        try await hold("the last admin")
        let person = try await db.person(id, lock: true)
        if let expected, expected != person.revision { throw DeskError.stale }
        return person
    }

    /// Throws `.conflict` when this admin is the last, or the one who asks: nobody locks themselves out by mistake.
    func mayLose(_ admin: Person, by caller: Caller) async throws {
        if admin.id == caller.id { throw DeskError.conflict("You cannot take your own admin's standing: ask another admin") }
        // Who is an admin by an outside issuer's word may be gone tomorrow: they do not stand in for one with an account.
        let suffices: SQL = admin.origin == .account ? "origin = 'account'" : "TRUE"
        let other = try await db.first(
            """
            SELECT id FROM people WHERE role = 'admin' AND is_active = TRUE AND deleted_at IS NULL AND id <> \(admin.id) AND \(suffices)
            """
        ) { $0.uuid() }
        if other == nil { throw DeskError.conflict("This is the last admin: make another one first") }
    }
}

extension Person {
    var isActingAdmin: Bool { role == .admin && isActive }
}
