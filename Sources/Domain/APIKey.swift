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
    /// Staff make keys for what they may do themselves. Only admins make keys for what only admins do.
    public func mayGive(_ scope: Scope) -> Bool { isStaff && (scope != .admin || isAdmin) }

    /// Whoever signed in may use all that their role gives them; an API key only what it was made for.
    public func mayUse(_ scope: Scope) -> Bool { scopes?.contains(scope) ?? true }

    /// An API key without the scope `read` learns nothing but what became of its own writing.
    public var mayRead: Bool { mayUse(.read) }

    /// Throws `.forbidden` for an API key without the scope `read`.
    public func mustBeAllowedToRead() throws(DeskError) {
        guard mayRead else { throw .lacksScope(.read) }
    }

    /// What somebody signs in with, where they are signed in, and what their programs use is changed by somebody who signed in here with
    /// a password: by no API key, which would outlive its own end, and by nobody whom an outside issuer vouches for.
    public func mustHaveSignedIn() throws(DeskError) {
        guard session != nil else { throw .forbidden("This needs a sign-in with your password") }
    }
}

extension DeskError {
    public static func lacksScope(_ scope: Scope) -> DeskError {
        .forbidden("This key is not for that: it lacks the scope \(scope.rawValue)")
    }
}
