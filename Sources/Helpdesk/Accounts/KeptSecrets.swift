public import Storage

/// Secrets that are made once and kept in the database, so that all nodes share them.
public enum KeptSecrets {
    /// The secret of that name; the first who asks makes it.
    public static func secret(
        _ name: String, in database: any Database, making make: @escaping @Sendable () -> [UInt8]
    ) async throws -> [UInt8] {
        let made = make()
        return try await database.write { db in
            try await db.run("INSERT INTO secrets (name, secret) VALUES (\(name), \(made)) ON CONFLICT DO NOTHING")
            let kept = try await db.first("SELECT secret FROM secrets WHERE name = \(name)") { $0.bytes() }
            guard let kept else { throw StorageFault.broken("a secret that was written is not there") }
            return kept
        }
    }
}
