/// Who asks: a person, with what their credential allows. Shared by the requests that bring the same credential, and never changed.
public final class Caller: Sendable {
    public let id: Person.ID
    /// The id as it is written, for logs and limits.
    public let label: String
    public let name: String
    public let email: String?
    public let role: Role
    public let supportRole: SupportRole
    /// The sign-in that this credential belongs to; nil for an API key or an outside issuer's token.
    public let session: Identifier<Session>?
    /// The API key that this credential is; nil for every other.
    public let apiKey: Identifier<APIKey>?
    /// What an API key allows; nil when the credential is the person's own.
    public let scopes: Set<Scope>?
    /// Whether an agent sees only what is assigned to them, and what is assigned to nobody.
    public let seesAssignedOnly: Bool

    public init(
        id: Person.ID, label: String, name: String, email: String?, role: Role, supportRole: SupportRole = .general,
        session: Identifier<Session>? = nil, apiKey: Identifier<APIKey>? = nil, scopes: Set<Scope>? = nil,
        seesAssignedOnly: Bool = false
    ) {
        self.id = id
        self.label = label
        self.name = name
        self.email = email
        self.role = role
        self.supportRole = supportRole
        self.session = session
        self.apiKey = apiKey
        self.scopes = scopes
        self.seesAssignedOnly = seesAssignedOnly
    }

    public var isStaff: Bool { role.isStaff }
    public var isAdmin: Bool { role == .admin }
    public var party: Party { Party(id: id, name: name, email: email, role: role) }
}

/// What an API key may be used for, never more than its owner may do.
public enum Scope: String, CaseIterable, Sendable {
    case read, write, admin
}

/// A sign-in: one refresh token at a time, and the access tokens that came of it.
public enum Session {
    public typealias ID = Identifier<Session>
}
