public import Domain

extension Work {
    /// Adds somebody, staff or not. Without a password they get a mail with which they choose one; with one, a mail to show that the
    /// address is theirs. Throws `.invalid` for an address or username that is none, `.conflict` when one of them is known.
    public func addUser(_ draft: PersonDraft, passwordHash: String?, as caller: Caller) async throws -> Person {
        guard caller.mayManagePeople else { throw DeskError.forbidden("Only an admin adds people") }
        try Self.check(email: draft.email, username: draft.username, role: draft.role)
        var draft = draft
        if draft.firstName.isEmpty, draft.lastName.isEmpty { draft.name = draft.username ?? draft.email.map(Username.from) }
        let person = try await add(draft, passwordHash: passwordHash, by: caller.party)
        try await mailLink(passwordHash == nil ? .reset : .verify, to: person)
        return person
    }

    /// Throws all that is wrong. Without a role, whether the username is for staff is still to be asked.
    static func check(email: String?, username: String?, role: Role?) throws(DeskError) {
        var faults: [InvalidField] = []
        if let email, !EmailAddress.isSane(email) { faults.append(.email) }
        if let fault = username.flatMap({ InvalidField.username($0, for: role ?? .admin) }) { faults.append(fault) }
        if role == .guest { faults.append(InvalidField("role", "value_error", "Guests are brought by other systems, and have no account")) }
        if !faults.isEmpty { throw .invalid(faults) }
    }
}
