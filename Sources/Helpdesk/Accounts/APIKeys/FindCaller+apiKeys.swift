internal import Codec
internal import Domain
internal import Storage

extension Desk {
    /// Who brings this API key, with what it and its owner allow now: a key of somebody who is staff no more is good for nothing. Only
    /// accounts of our own have keys: what an outside issuer says of somebody is known by their token alone, and ends with it.
    func findKeyHolder(_ credential: [UInt8], at now: Moment) async throws -> Found? {
        let digest = SHA256.digest(credential)
        let found = try await read { look in
            try await look.db.first(
                """
                SELECT \(.apiKeyColumns), p.id, p.name, p.email, p.role, p.support_role
                FROM api_keys k JOIN people p ON p.id = k.person_id
                WHERE k.digest = \(digest) AND p.origin = 'account' AND p.is_active = TRUE AND p.deleted_at IS NULL
                """
            ) { row in
                let key = row.apiKey()
                let owner = Party(id: row.id(), name: row.text(), email: row.optionalText(), role: row.word())
                return (key: key, owner: owner, supportRole: row.word(SupportRole.self))
            }
        }
        guard let (key, owner, supportRole) = found, owner.role.isStaff else { return nil }
        if let end = key.expiresAt, end <= now { return nil }
        keyUses.note(key, at: now)
        let caller = Caller(key, of: owner, supportRole, isConfined: rules.agentScope == .assigned)
        return Found(caller: caller, expiresAt: key.expiresAt ?? .never)
    }
}

extension Caller {
    /// With a key without the scope `admin` an admin is an agent, who sees all that the admin sees.
    fileprivate convenience init(_ key: APIKey, of owner: Party, _ supportRole: SupportRole, isConfined: Bool) {
        let isAdmin = owner.role == .admin
        let scopes = Set(key.scopes.filter { $0 != .admin || isAdmin })
        self.init(
            id: owner.id, label: owner.id.text, name: owner.name, email: owner.email, role: scopes.contains(.admin) ? .admin : .agent,
            supportRole: supportRole, apiKey: key.id, scopes: scopes, seesAssignedOnly: isConfined && !isAdmin)
    }
}

extension Moment {
    /// For what does not end.
    static let never = Moment(Int.max)
}
