public import Codec
public import Domain
internal import Storage

/// What an admin changes of somebody.
public struct UserChange: Sendable {
    public var role: Role?
    public var supportRole: SupportRole?
    public var isActive: Bool?
    public var firstName: Change<String> = .absent
    public var lastName: Change<String> = .absent
    public var username: Change<String> = .absent
    public var email: String?

    public init() {}
}

extension Work {
    /// Changes somebody. Whom this dismisses is signed out everywhere, and their API keys end; so do those of somebody who is staff no more.
    /// The tickets of both go to others soon after: `Desk.finishDepartures`.
    ///
    /// Throws `.stale` when they have another revision than `expected`, `.invalid`, and `.conflict` when address or username are
    /// somebody else's, when it would take the last admin, or the caller's own standing, and for what their issuer says of them, and
    /// `.forbidden` for an API key that would change what its owner signs in with.
    public func change(_ change: UserChange, of id: Person.ID, expecting expected: Int?, as caller: Caller) async throws -> Person {
        guard caller.mayManagePeople else { throw DeskError.forbidden("Only an admin changes people") }
        if id == caller.id, change.namesSignIn { try caller.mustHaveSignedIn() }
        try Self.check(email: change.email, username: change.username.applied(to: nil), role: change.role)
        try await holdNames(change.email, change.username.applied(to: nil))
        let old = try await personToLessen(id, expecting: expected)
        var person = old
        person.take(change)
        if person.username != old.username, let fault = person.username.flatMap({ InvalidField.username($0, for: person.role) }) {
            throw DeskError.invalid([fault])
        }
        let changes = old.changes(to: person)
        if changes.isEmpty { return old }
        if old.origin == .delegated, old.isTold(otherwise: person) {
            throw DeskError.conflict("What somebody is called and may do is said by their issuer's tokens; it cannot be changed here")
        }
        if old.isActingAdmin, !person.isActingAdmin { try await mayLose(old, by: caller) }
        try await mustBeFree(person, since: old)
        try await save(&person, changes, by: caller.party)
        if old.isActive, !person.isActive { try await endSessions(of: id) }
        try await lessenAPIKeys(from: old, to: person)
        try await noteDeparture(from: old, to: person)
        if person.origin == .account, old.email != person.email { try await mailLink(.verify, to: person) }
        return person
    }

    /// Keeps others from taking these names meanwhile. Before any row is locked, and the address first, as everybody does.
    private func holdNames(_ email: String?, _ username: String?) async throws {
        if let email { try await reserve(address: email) }
        if let username { try await reserve(username: username) }
    }

    private func mustBeFree(_ person: Person, since old: Person) async throws {
        if let email = person.email, key(email) != old.email.map(key) {
            let other = try await db.first(
                "SELECT id FROM people WHERE email_key = \(key(email)) AND origin = \(person.origin) AND id <> \(person.id)"
            ) { $0.uuid() }
            if other != nil { throw DeskError.conflict("Email already registered") }
        }
        if let username = person.username, key(username) != old.username.map(key) {
            let other = try await db.first("SELECT id FROM people WHERE username_key = \(key(username)) AND id <> \(person.id)") {
                $0.uuid()
            }
            if other != nil { throw DeskError.conflict("Username already taken") }
        }
    }
}

extension UserChange {
    /// Whether it says what somebody signs in with.
    fileprivate var namesSignIn: Bool {
        if case .absent = username { return email != nil }
        return true
    }
}

extension Person {
    fileprivate mutating func take(_ change: UserChange) {
        let old = self
        role = change.role ?? role
        // Admins are assigned tickets automatically when they ask for it; agents unless they refuse.
        if role != old.role, role == .admin || old.role == .admin { isAvailable = role != .admin }
        supportRole = change.supportRole ?? supportRole
        isActive = change.isActive ?? isActive
        username = change.username.applied(to: username)
        email = change.email ?? email
        if email.map(key) != old.email.map(key) { isVerified = false }
        firstName = change.firstName.applied(to: firstName) ?? ""
        lastName = change.lastName.applied(to: lastName) ?? ""
        if (firstName, lastName) != (old.firstName, old.lastName) { callByNames() }
    }

    fileprivate func changes(to other: Person) -> [FieldChange] {
        var changes = FieldChanges()
        changes.note("role", role.rawValue, other.role.rawValue)
        changes.note("support_role", supportRole.rawValue, other.supportRole.rawValue)
        changes.note("is_active", isActive, other.isActive)
        changes.note("available", isAvailable, other.isAvailable)
        changes.note("email", email, other.email)
        changes.note("email_verified", isVerified, other.isVerified)
        changes.note("username", username, other.username)
        changes.note("first_name", firstName, other.firstName)
        changes.note("last_name", lastName, other.lastName)
        changes.note("name", name, other.name)
        return changes.list
    }

    /// Whether `other` has anything else of what an issuer's tokens say.
    fileprivate func isTold(otherwise other: Person) -> Bool {
        role != other.role || email != other.email || username != other.username || name != other.name || firstName != other.firstName
            || lastName != other.lastName
    }
}
