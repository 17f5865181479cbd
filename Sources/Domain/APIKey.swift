/// What a program signs in with in its owner's name. The key itself is shown once and not kept.
public struct APIKey: Sendable, Equatable {
    public typealias ID = Identifier<APIKey>

    public var id: ID
    /// What its owner calls it.
    public var name: String
    public var scopes: [Scope]
    public var expiresAt: Moment?
    public var lastUsedAt: Moment?
    public var createdAt: Moment

    public init(id: ID, name: String, scopes: [Scope], expiresAt: Moment?, lastUsedAt: Moment?, createdAt: Moment) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.createdAt = createdAt
    }
}

extension Caller {
    /// Staff make keys for what they may do themselves, and with a key no more than it may. Only admins make keys for what only admins do.
    public func mayGive(_ scope: Scope) -> Bool {
        guard isStaff, scopes?.contains(scope) ?? true else { return false }
        return scope != .admin || isAdmin
    }
}
