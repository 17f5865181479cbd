internal import Codec
public import Domain
internal import Storage

/// What is wanted of a new key.
public struct APIKeyDraft: Sendable {
    public var name = ""
    public var scopes: [Scope] = []
    public var expiresAt: Moment?

    public init() {}
}

extension Work {
    /// More than anybody uses; a program that makes keys without end shall notice.
    static let mostAPIKeys = 100

    /// Makes a key of the caller's own; its text is not to be had again. Throws `.forbidden` to who did not sign in here, and when the key
    /// would do more than the caller may, `.conflict` when there are too many.
    public func makeAPIKey(_ draft: APIKeyDraft, as caller: Caller) async throws -> (key: APIKey, text: String) {
        try caller.mustHaveSignedIn()
        for scope in draft.scopes where !caller.mayGive(scope) {
            throw DeskError.forbidden("A key of yours may not have the scope \(scope.rawValue)")
        }
        if let end = draft.expiresAt, end <= now {
            throw DeskError.invalid([InvalidField("expires_at", "in_the_past", "A key that has expired already is of no use")])
        }
        guard try await db.countAPIKeys(of: caller.id) < Self.mostAPIKeys else {
            throw DeskError.conflict("You have \(Self.mostAPIKeys) keys: delete one that you no longer use")
        }
        let text = APIKey.prefix + Base64.encode(outside.random(32), .url, padded: false)
        let key = APIKey(
            id: APIKey.ID(outside.newID()), name: draft.name, scopes: Scope.allCases.filter { draft.scopes.contains($0) },
            expiresAt: draft.expiresAt, lastUsedAt: nil, createdAt: now)
        try await db.insert(key, digest: SHA256.digest(Array(text.utf8)), of: caller.id)
        return (key, text)
    }

    /// Deletes a key of the caller's own: whoever brings it is refused from now on. A key may delete itself, so that a program can give up
    /// one that it has leaked. Throws `.forbidden` for another key to who did not sign in here, and `.notFound`.
    public func deleteAPIKey(_ id: APIKey.ID, as caller: Caller) async throws {
        if caller.apiKey != id { try caller.mustHaveSignedIn() }
        guard try await db.run("DELETE FROM api_keys WHERE id = \(id) AND person_id = \(caller.id)") == 1 else {
            throw DeskError.notFound("API key not found")
        }
        try await recordSignOut(of: caller.id)
    }
}

extension Look {
    /// A slice of the caller's keys, newest first.
    public func apiKeys(_ slice: SliceRequest, of caller: Caller) async throws -> Slice<APIKey> {
        var follows: SQL = ""
        if let position = slice.after { follows = " AND (k.created_at, k.id) < (\(position.key), \(position.tie))" }
        let keys = try await db.all(
            """
            SELECT \(.apiKeyColumns) FROM api_keys k WHERE k.person_id = \(caller.id)\(follows)
            ORDER BY k.created_at DESC, k.id DESC\(slice.room)
            """
        ) { $0.apiKey() }
        let total = slice.isCounted ? try await db.countAPIKeys(of: caller.id) : nil
        return Slice(keys, limit: slice.limit, total: total) { Position(key: $0.createdAt.milliseconds, tie: $0.id.bits) }
    }
}

extension Connection {
    fileprivate func countAPIKeys(of person: Person.ID) async throws -> Int {
        try await first("SELECT count(*) FROM api_keys WHERE person_id = \(person)") { $0.int() } ?? 0
    }
}

extension APIKey {
    /// What every key begins with, so that people and scanners know one when they see it.
    static let prefix = "mrt_"
}
