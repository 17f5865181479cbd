internal import Codec
public import Domain
internal import Storage

extension Work {
    /// Lets pass who has no second factor, and who brings it: a code of their app, each step's once, or a recovery code, each once.
    /// Throws `.unauthorized` for everybody else. To be asked when the password was right, in the transaction that signs them in.
    public func checkSecondFactor(of person: Person.ID, code: String?) async throws {
        guard let factor = try await db.secondFactor(of: person), factor.isConfirmed else { return }
        guard let code, !code.isEmpty else { throw DeskError.unauthorized("A code of your authenticator app is needed: totp") }
        guard try await take(code, of: factor, of: person) else {
            throw DeskError.unauthorized("The code is wrong, or was used already")
        }
    }

    /// Spends a code, if it is one.
    func take(_ code: String, of factor: SecondFactor, of person: Person.ID) async throws -> Bool {
        if let secret = desk.secondFactorKeys.secrets.open(factor.sealed, of: person),
            let step = TOTP(secret: secret).step(of: code, at: Timestamp(milliseconds: Int64(now.milliseconds)))
        {
            return try await db.spend(step: Int(step), of: person)
        }
        for digest in desk.secondFactorKeys.digests(ofRecoveryCode: code, of: person)
        where try await db.spend(recoveryCode: digest, of: person, at: now) { return true }
        return false
    }
}

/// What is kept of somebody's second factor.
struct SecondFactor: Sendable {
    let sealed: [UInt8]
    /// Whether a code was given since: until then it is asked for nowhere.
    let isConfirmed: Bool
}

extension Connection {
    func secondFactor(of person: Person.ID) async throws -> SecondFactor? {
        try await first("SELECT totp_secret, totp_confirmed FROM people WHERE id = \(person) AND totp_secret IS NOT NULL") { row in
            SecondFactor(sealed: row.bytes(), isConfirmed: row.bool())
        }
    }

    /// Notes that a step's code was used. False when it, or a later one, was used before: of two at once one is.
    fileprivate func spend(step: Int, of person: Person.ID) async throws -> Bool {
        try await run("UPDATE people SET totp_last_step = \(step) WHERE id = \(person) AND totp_last_step < \(step)") == 1
    }

    fileprivate func spend(recoveryCode digest: [UInt8], of person: Person.ID, at now: Moment) async throws -> Bool {
        try await run(
            """
            UPDATE recovery_codes SET used_at = \(now) WHERE person_id = \(person) AND digest = \(digest) AND used_at IS NULL
            """) == 1
    }
}
