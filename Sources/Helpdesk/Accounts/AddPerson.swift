public import Domain

/// What is known of somebody who is added.
public struct PersonDraft: Sendable {
    public var email: String?
    public var username: String?
    public var firstName = ""
    public var lastName = ""
    /// What they are called; nil: first and last name.
    public var name: String?
    public var role = Role.customer
    public var supportRole = SupportRole.general
    public var isVerified = false

    public init() {}
}

extension Work {
    /// Adds somebody with an account. Throws `.conflict` when the address is known or the username taken.
    public func add(_ draft: PersonDraft, passwordHash: String?, by actor: Party?) async throws -> Person {
        let fullName = [draft.firstName, draft.lastName].filter { !$0.isEmpty }.joined(separator: " ")
        let person = Person(
            id: Person.ID(outside.newID()), origin: .account, email: draft.email, username: draft.username, firstName: draft.firstName,
            lastName: draft.lastName, name: draft.name ?? fullName, role: draft.role, supportRole: draft.supportRole, isActive: true,
            isAvailable: draft.role != .admin, isVerified: draft.isVerified, locale: nil, timeZone: nil, createdAt: now, updatedAt: now,
            revision: 1)
        guard try await db.insert(person, passwordHash: passwordHash) else {
            throw DeskError.conflict("Email already registered")
        }
        record(.userCreated, person, by: actor)
        return person
    }
}
