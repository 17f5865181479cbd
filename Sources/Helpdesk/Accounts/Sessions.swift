internal import Codec
public import Domain
internal import Storage

/// A sign-in, as its owner sees it.
public struct SessionInfo: Sendable, Equatable {
    public var id: Session.ID
    public var userAgent: String
    public var address: String
    public var createdAt: Moment
    public var lastUsedAt: Moment
    public var expiresAt: Moment

    public init(id: Session.ID, userAgent: String, address: String, createdAt: Moment, lastUsedAt: Moment, expiresAt: Moment) {
        self.id = id
        self.userAgent = userAgent
        self.address = address
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.expiresAt = expiresAt
    }
}

extension Work {
    /// How many sign-ins somebody may have; one more ends the oldest.
    static let mostSessions = 100

    /// Signs somebody in, who was checked already.
    func beginSession(of person: Person, from client: Client) async throws -> SignIn {
        let session = Session.ID(outside.newID())
        try await tidySessions(of: person.id)
        try await db.run(
            """
            INSERT INTO sessions (id, person_id, user_agent, address, created_at, last_used_at, expires_at, revoked_at)
            VALUES (\(session), \(person.id), \(client.userAgent), \(client.address), \(now), \(now), \(sessionEnd), \(Moment?.none))
            """)
        return try await giveTokens(session, to: person)
    }

    /// A new pair of tokens for a sign-in.
    func giveTokens(_ session: Session.ID, to person: Person) async throws -> SignIn {
        let refresh = GivenSecret(outside)
        try await db.run(
            "INSERT INTO refresh_tokens (digest, session_id, used_at) VALUES (\(refresh.digest), \(session), \(Moment?.none))")
        let claims = OwnTokens.Claims(person: person.id, session: session, expiresAt: now.adding(seconds: rules.accessLifetime))
        let access = desk.tokens.make(claims, role: person.role, id: outside.newToken(), at: now)
        return SignIn(person: person, accessToken: access, refreshToken: refresh.text, expiresIn: rules.accessLifetime)
    }

    /// When a sign-in ends that is not used again: never before its access token.
    var sessionEnd: Moment { max(now.adding(days: rules.refreshDays), now.adding(seconds: rules.accessLifetime)) }

    /// Ends sign-ins of somebody: all, or all but one. Their access tokens end with them.
    func endSessions(of person: Person.ID, but kept: Session.ID? = nil) async throws {
        changesCallers = true
        let others: SQL = if let kept { " AND id <> \(kept)" } else { "" }
        let ended = try await db.run(
            "UPDATE sessions SET revoked_at = \(now) WHERE person_id = \(person) AND revoked_at IS NULL\(others)")
        if ended > 0 { try await recordSignOut(of: person) }
    }

    /// Notes that a credential of somebody's has ended: whoever is connected with it, on any node, is looked up anew.
    func recordSignOut(of id: Person.ID) async throws {
        changesCallers = true
        let person = try await db.person(id)
        record(.userSignedOut, person, by: person.party)
    }

    /// Deletes what is over of somebody's sign-ins, and of the living ones all but the newest.
    private func tidySessions(of person: Person.ID) async throws {
        try await db.run(
            """
            DELETE FROM sessions WHERE person_id = \(person) AND (expires_at <= \(now) OR id IN (
                SELECT id FROM sessions WHERE person_id = \(person) AND revoked_at IS NULL
                ORDER BY created_at DESC, id DESC LIMIT \(1000) OFFSET \(Self.mostSessions - 1)))
            """)
    }
}

extension Look {
    /// The caller's sign-ins, the newest first.
    public func sessions(of caller: Caller) async throws -> [SessionInfo] {
        try await db.all(
            """
            SELECT id, user_agent, address, created_at, last_used_at, expires_at FROM sessions
            WHERE person_id = \(caller.id) AND revoked_at IS NULL AND expires_at > \(now)
            ORDER BY created_at DESC, id DESC LIMIT \(Work.mostSessions)
            """
        ) { row in
            SessionInfo(
                id: row.id(), userAgent: row.text(), address: row.text(), createdAt: row.moment(), lastUsedAt: row.moment(),
                expiresAt: row.moment())
        }
    }
}

extension Work {
    /// Ends all sign-ins of the caller but the one that asks. Throws `.forbidden` to who did not sign in here.
    public func endOtherSessions(of caller: Caller) async throws {
        try caller.mustHaveSignedIn()
        try await endSessions(of: caller.id, but: caller.session)
    }

    /// Ends one sign-in of the caller's. Throws `.forbidden` to who did not sign in here, and `.notFound` when it is none, or over.
    public func endSession(_ session: Session.ID, of caller: Caller) async throws {
        try caller.mustHaveSignedIn()
        let ended = try await db.run(
            """
            UPDATE sessions SET revoked_at = \(now)
            WHERE id = \(session) AND person_id = \(caller.id) AND revoked_at IS NULL AND expires_at > \(now)
            """)
        guard ended == 1 else { throw DeskError.notFound("Session not found") }
        try await recordSignOut(of: caller.id)
    }
}
