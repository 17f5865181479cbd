internal import Domain
internal import Storage

// A refresh token is good once. Whoever uses it gets the next, so there is one living token a sign-in; a dead one that comes again was
// copied, and since nobody can tell which of the two is the thief, the sign-in ends for both.

extension Desk {
    /// A new pair of tokens for a refresh token, which is dead from then on. Throws `.unauthorized` for one that is not good; one that
    /// was used before ends its sign-in.
    public func refresh(_ token: String) async throws -> SignIn {
        let digest = GivenSecret.digest(of: token)
        // Answered by a value and not thrown from inside: what ends a sign-in has to be kept.
        let signIn: SignIn? = try await write { work in
            guard let session = try await work.db.lockSession(with: digest) else { return nil }
            guard session.revokedAt == nil, session.expiresAt > work.now else { return nil }
            let usedAt = try await work.db.first("SELECT used_at FROM refresh_tokens WHERE digest = \(digest)") { $0.optionalMoment() }
            let person = try await work.db.signedInPerson(session.person)
            guard case .some(nil) = usedAt, let person else {
                try await work.end(session.id)
                return nil
            }
            try await work.use(digest, of: session.id)
            return try await work.giveTokens(session.id, to: person)
        }
        guard let signIn else { throw DeskError.unauthorized("This refresh token is not good any more") }
        return signIn
    }

    /// Ends the sign-in that a refresh token belongs to, alive or dead. Nothing is wrong when there is none: it is over, and that is
    /// what was wanted.
    public func signOut(_ token: String) async throws {
        let digest = GivenSecret.digest(of: token)
        try await write { work in
            guard let session = try await work.db.lockSession(with: digest), session.revokedAt == nil else { return }
            try await work.end(session.id)
        }
    }
}

extension Work {
    fileprivate func end(_ session: Session.ID) async throws {
        changesCallers = true
        try await db.run("UPDATE sessions SET revoked_at = \(now) WHERE id = \(session) AND revoked_at IS NULL")
    }

    /// Kills the token, lets the sign-in live on, and forgets tokens that have been dead for as long as one lives.
    fileprivate func use(_ digest: [UInt8], of session: Session.ID) async throws {
        try await db.run("UPDATE refresh_tokens SET used_at = \(now) WHERE digest = \(digest)")
        try await db.run("UPDATE sessions SET last_used_at = \(now), expires_at = \(sessionEnd) WHERE id = \(session)")
        let forgotten = now.adding(days: -rules.refreshDays)
        try await db.run("DELETE FROM refresh_tokens WHERE session_id = \(session) AND used_at < \(forgotten)")
    }
}

/// A sign-in as it is kept.
private struct StoredSession {
    let id: Session.ID
    let person: Person.ID
    let expiresAt: Moment
    let revokedAt: Moment?
}

extension Connection {
    /// The sign-in of a refresh token, locked: two who bring tokens of one sign-in follow each other.
    fileprivate func lockSession(with digest: [UInt8]) async throws -> StoredSession? {
        let id = try await first("SELECT session_id FROM refresh_tokens WHERE digest = \(digest)") { $0.id(of: Session.self) }
        guard let id else { return nil }
        return try await first(
            "SELECT id, person_id, expires_at, revoked_at FROM sessions WHERE id = \(id)\(engine.lock)"
        ) { StoredSession(id: $0.id(), person: $0.id(), expiresAt: $0.moment(), revokedAt: $0.optionalMoment()) }
    }

    /// Somebody who may be signed in: active, and not erased.
    fileprivate func signedInPerson(_ id: Person.ID) async throws -> Person? {
        try await first(
            "SELECT \(.personColumns) FROM people p WHERE p.id = \(id) AND p.is_active = TRUE AND p.deleted_at IS NULL"
        ) { $0.person() }
    }
}
