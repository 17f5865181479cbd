internal import Codec
public import Domain
internal import Storage

extension Desk {
    /// Whoever brought this credential a moment ago, found without asking anybody; nil says to ask `caller(with:)`.
    public func recentCaller(with credential: UnsafeRawBufferPointer) -> Caller? {
        callers.caller(with: credential, at: outside.now())
    }

    /// Who brings this credential. Throws `.unauthorized` when it is none, or none any more.
    public func caller(with credential: [UInt8]) async throws -> Caller {
        let now = outside.now()
        let generation = callers.generation
        guard let found = try await find(credential, at: now) else { throw DeskError.unauthorized("A valid credential is needed") }
        callers.keep(found.caller, credential, readAt: now, until: found.expiresAt, generation: generation)
        return found.caller
    }

    /// A caller, and when the credential ends.
    struct Found {
        let caller: Caller
        let expiresAt: Moment
    }

    /// A key says what it is by how it begins. A token is one of ours, or else an outside issuer's; no key signs both.
    private func find(_ credential: [UInt8], at now: Moment) async throws -> Found? {
        if credential.starts(with: APIKey.prefix.utf8) { return try await findKeyHolder(credential, at: now) }
        if let claims = credential.withUnsafeBytes({ tokens.read($0, at: now) }) { return try await find(claims) }
        return try await findVouchedFor(credential, at: now)
    }

    private func find(_ claims: OwnTokens.Claims) async throws -> Found? {
        let seesAssignedOnly = rules.agentScope == .assigned
        let caller = try await read { look in
            try await look.db.first(
                """
                SELECT p.id, p.name, p.email, p.role, p.support_role FROM sessions s JOIN people p ON p.id = s.person_id
                WHERE s.id = \(claims.session) AND p.id = \(claims.person) AND s.revoked_at IS NULL AND p.is_active = TRUE
                """
            ) { row in
                Caller(
                    id: row.id(), label: claims.person.text, name: row.text(), email: row.optionalText(), role: row.word(),
                    supportRole: row.word(),
                    session: claims.session, seesAssignedOnly: seesAssignedOnly)
            }
        }
        return caller.map { Found(caller: $0, expiresAt: claims.expiresAt) }
    }
}
