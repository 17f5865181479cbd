internal import Domain
internal import Storage

extension Work {
    /// Asks for the second factor of somebody whose password was right. Throws `.unauthorized` when they have one and `code` does not
    /// show it.
    func checkSecondFactor(of person: Person.ID, code: String?) async throws {
        let isConfirmed = try await db.first("SELECT totp_confirmed FROM people WHERE id = \(person)") { $0.bool() }
        guard isConfirmed == true else { return }
        throw DeskError.unauthorized("A code of your authenticator app is needed")
    }
}
