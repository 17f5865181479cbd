internal import Codec
public import Domain
internal import Storage

/// What an authenticator app needs to know.
public struct SecondFactorSecret: Sendable {
    /// In Base32, to be typed.
    public let text: String
    /// To be shown as a QR code.
    public let uri: String
}

extension Work {
    private static let recoveryCodes = 10

    /// Makes a secret for the caller's app. It counts once a code of it was given; until then it may be made anew.
    /// Throws `.conflict` when there is a second factor already, `.forbidden` for who did not sign in here.
    public func beginSecondFactor(as caller: Caller) async throws -> SecondFactorSecret {
        try caller.mustHaveSignedIn()
        let person = try await db.person(caller.id, lock: true)
        if let factor = try await db.secondFactor(of: person.id), factor.isConfirmed { throw DeskError.conflict("It is on already") }
        let secret = outside.random(TOTP.secretSize)
        let sealed = desk.secondFactorKeys.secrets.seal(secret, of: person.id, nonce: outside.random(SecretBox.nonceSize))
        try await db.run("UPDATE people SET totp_secret = \(sealed), totp_confirmed = FALSE WHERE id = \(person.id)")
        let account = person.email ?? person.username ?? person.name
        return SecondFactorSecret(text: Base32.encode(secret), uri: TOTP(secret: secret).uri(issuer: "Martlet", account: account))
    }

    /// Turns it on with a first code. Gives the recovery codes, which are shown this once.
    public func confirmSecondFactor(_ code: String, as caller: Caller) async throws -> [String] {
        try caller.mustHaveSignedIn()
        let person = try await db.person(caller.id, lock: true)
        guard let factor = try await db.secondFactor(of: person.id) else {
            throw DeskError.conflict("There is nothing to confirm: ask for a secret first")
        }
        if factor.isConfirmed { throw DeskError.conflict("It is on already") }
        // The recovery codes of an earlier time are no way to confirm.
        try await db.run("DELETE FROM recovery_codes WHERE person_id = \(person.id)")
        guard try await take(code, of: factor, of: person.id) else { throw DeskError.wrongCode }
        try await db.run("UPDATE people SET totp_confirmed = TRUE WHERE id = \(person.id)")
        let codes = (0..<Self.recoveryCodes).map { _ in Base32.encode(outside.random(10)).parted(by: "-", each: 4) }
        let rows = codes.map { code in
            let digest = desk.secondFactorKeys.digest(ofRecoveryCode: code, of: person.id)
            return "(\(person.id), \(digest), \(Moment?.none))" as SQL
        }
        try await db.run("INSERT INTO recovery_codes (person_id, digest, used_at) VALUES \(rows.joined(by: ", "))")
        record(.userUpdated, person, by: caller.party, [FieldChange("totp", from: .bool(false), to: .bool(true))])
        return codes
    }

    /// Turns it off, with a code or a recovery code.
    public func endSecondFactor(_ code: String, as caller: Caller) async throws {
        try caller.mustHaveSignedIn()
        let person = try await db.person(caller.id, lock: true)
        guard let factor = try await db.secondFactor(of: person.id), factor.isConfirmed else {
            throw DeskError.conflict("It is not on")
        }
        guard try await take(code, of: factor, of: person.id) else { throw DeskError.wrongCode }
        try await db.forgetSecondFactor(of: person.id)
        record(.userUpdated, person, by: caller.party, [FieldChange("totp", from: .bool(true), to: .bool(false))])
    }
}

extension Connection {
    /// `totp_last_step` stays: a code that was used is not good again because the factor was set up anew.
    func forgetSecondFactor(of person: Person.ID) async throws {
        try await run("UPDATE people SET totp_secret = \([UInt8]?.none), totp_confirmed = FALSE WHERE id = \(person)")
        try await run("DELETE FROM recovery_codes WHERE person_id = \(person)")
    }
}

extension DeskError {
    fileprivate static let wrongCode = DeskError.invalid([InvalidField("code", "totp_wrong", "The code is wrong, or was used already")])
}

extension String {
    /// In groups, so that it can be read.
    fileprivate func parted(by separator: String, each count: Int) -> String {
        var parts: [Substring] = []
        var rest = self[...]
        while !rest.isEmpty {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: separator)
    }
}
