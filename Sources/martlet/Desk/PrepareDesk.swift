import Domain
import Helpdesk
import Loop
import Storage

/// What a start finds out or makes before the server listens: the schema brought up to date, and the secret that tokens are signed with.
struct PreparedDesk<Result: Sendable>: Sendable {
    let migrations: [String]
    let secrets: DeskSecrets
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
        let secrets = try await DeskSecrets(settings, database, outside)
        let desk = try Desk(database, settings.rules, outside, secret: secrets.newest, previousSecrets: secrets.previous)
        if !secrets.previous.isEmpty { try await desk.resealSecondFactors() }
        return PreparedDesk(migrations: migrations, secrets: secrets, result: try await then(desk))
    }
}
