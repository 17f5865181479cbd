import Codec
import Domain
import Helpdesk
import Loop
import Storage

/// What a start finds out or makes before the server listens: the schema brought up to date, and the secret that tokens are signed with.
struct PreparedDesk<Result: Sendable>: Sendable {
    let migrations: [String]
    let secret: [UInt8]
    let result: Result
}

/// Brings the database up to date and gets ready what the desk needs of it, then does `then` with it.
func prepareDesk<Result: Sendable>(
    _ settings: DeskSettings, then: @escaping @Sendable (Desk) async throws -> Result
) throws -> PreparedDesk<Result> {
    try withDatabase(settings) { database, blocking in
        let outside = Outside.system(blocking, hashing: blocking)
        let migrations = try await Migrator(Migrations.all, on: database).run { outside.now().milliseconds }
        _ = try await settings.searchLanguage.take(on: database)
        let secret = try await signingSecret(settings, database, outside)
        let result = try await then(try Desk(database, settings.rules, outside, secret: secret))
        return PreparedDesk(migrations: migrations, secret: secret, result: result)
    }
}

/// What our own tokens are signed with: the secret that is set, one made of the shared secret, or one that is made once and kept.
private func signingSecret(_ settings: DeskSettings, _ database: any Database, _ outside: Outside) async throws -> [UInt8] {
    if let own = settings.secret { return Array(own.reveal().utf8) }
    if let shared = settings.sharedSecret {
        return HKDF.derive(32, from: Array(shared.reveal().utf8), info: Array("martlet own tokens".utf8))
    }
    return try await KeptSecrets.secret("own tokens", in: database, making: { outside.random(32) })
}
