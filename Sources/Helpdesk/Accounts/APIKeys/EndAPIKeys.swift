internal import Codec
internal import Domain
internal import Storage

// A key ends with what it stands on, and does not come back with it: who is hired again, or is an admin again, makes new keys.

extension Work {
    /// Deletes all API keys of somebody.
    func endAPIKeys(of person: Person.ID) async throws {
        guard try await db.run("DELETE FROM api_keys WHERE person_id = \(person)") > 0 else { return }
        try await recordSignOut(of: person)
    }

    /// Ends what somebody's API keys may do no longer, now that they are `after`: dismissed, not staff any more, or an admin no more.
    func lessenAPIKeys(from before: Person, to after: Person) async throws {
        guard before.role.isStaff else { return }
        if !after.isActive || !after.role.isStaff { return try await endAPIKeys(of: after.id) }
        if before.role == .admin, after.role != .admin { try await takeAdminScope(fromKeysOf: after.id) }
    }

    /// A key that was for an admin's work alone is deleted.
    private func takeAdminScope(fromKeysOf person: Person.ID) async throws {
        changesCallers = true
        let keys = try await db.all("SELECT \(.apiKeyColumns) FROM api_keys k WHERE k.person_id = \(person)") { $0.apiKey() }
        for key in keys where key.scopes.contains(.admin) {
            let scopes = key.scopes.filter { $0 != .admin }
            if scopes.isEmpty {
                try await db.run("DELETE FROM api_keys WHERE id = \(key.id)")
            } else {
                try await db.run("UPDATE api_keys SET scopes = \(stored(scopes.map(\.rawValue))) WHERE id = \(key.id)")
            }
        }
    }
}
