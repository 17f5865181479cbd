internal import Codec
internal import Domain
internal import Storage

// How API keys are kept. Of the key itself there is only a digest: it is as long as it is random, so no slower digest is needed.

extension SQL {
    /// The columns of a key, in the order in which `Row.apiKey` reads them.
    static var apiKeyColumns: SQL { "k.id, k.name, k.scopes, k.expires_at, k.last_used_at, k.created_at" }
}

extension Row {
    mutating func apiKey() -> APIKey {
        APIKey(
            id: id(), name: text(), scopes: texts().compactMap { Scope(rawValue: $0) }, expiresAt: optionalMoment(),
            lastUsedAt: optionalMoment(), createdAt: moment())
    }
}

extension Connection {
    func insert(_ key: APIKey, digest: [UInt8], of person: Person.ID) async throws {
        try await run(
            """
            INSERT INTO api_keys (id, person_id, name, digest, scopes, expires_at, last_used_at, created_at)
            VALUES (
                \(key.id), \(person), \(key.name), \(digest), \(stored(key.scopes.map(\.rawValue))), \(key.expiresAt),
                \(key.lastUsedAt), \(key.createdAt))
            """)
    }
}
