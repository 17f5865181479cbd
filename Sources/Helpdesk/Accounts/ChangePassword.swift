public import Domain
internal import Storage

/// A change of password that was looked at and hashed, to be made in a transaction.
public struct PreparedPassword: Sendable {
    let hash: String
    /// The hash that the present password was checked against; nil when it did not fit.
    let fitted: String?
}

extension Desk {
    /// Checks the present password and hashes the new one, which both take long. A present one that is wrong is told by the change, so
    /// that a repetition of a change that was made is not taken for a wrong one. Throws `.forbidden` to who did not sign in here.
    public func prepare(password: String, current: String, of caller: Caller) async throws -> PreparedPassword {
        try caller.mustHaveSignedIn()
        guard Password.length.contains(password.unicodeScalars.count) else { throw DeskError.invalid([.password("new_password")]) }
        let known = try await read { look in try await look.db.passwordHash(of: caller.id) }
        let (fits, _) = try await check(password: current, against: known)
        return PreparedPassword(hash: try await hash(password: password), fitted: fits ? known : nil)
    }
}

extension Work {
    /// Gives the caller a new password, and ends their other sign-ins; their API keys too, if they ask for it. Throws `.invalid` when the
    /// present one is not what they said.
    public func changePassword(_ prepared: PreparedPassword, endingAPIKeys: Bool = false, of caller: Caller) async throws {
        try caller.mustHaveSignedIn()
        var person = try await db.person(caller.id, lock: true)
        guard let fitted = prepared.fitted, try await db.passwordHash(of: person.id) == fitted else {
            throw DeskError.invalid([InvalidField("current_password", "password_wrong", "This is not the present password")])
        }
        try await setPassword(prepared.hash, of: &person, by: caller.party, keeping: caller.session)
        if endingAPIKeys { try await endAPIKeys(of: person.id) }
    }
}
