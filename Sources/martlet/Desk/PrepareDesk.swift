import Codec
import Domain
import Helpdesk
import Loop
import Storage

/// What a start finds out or makes before the server listens: the schema brought up to date, and the secret that tokens are signed with.
struct PreparedDesk: Sendable {
    let migrations: [String]
    let secret: [UInt8]
}

/// Brings the database up to date and gets ready what the desk needs of it.
func prepareDesk(_ settings: DeskSettings) throws -> PreparedDesk {
    try withDatabase(settings) { database, blocking in
        let outside = Outside.system(blocking)
        let migrations = try await Migrator(Migrations.all, on: database).run { outside.now().milliseconds }
        let secret: [UInt8] =
            if let own = settings.secret {
                Array(own.reveal().utf8)
            } else if let shared = settings.sharedSecret {
                HKDF.derive(32, from: Array(shared.reveal().utf8), info: Array("martlet own tokens".utf8))
            } else {
                try await KeptSecrets.secret("own tokens", in: database, making: { outside.random(32) })
            }
        return PreparedDesk(migrations: migrations, secret: secret)
    }
}
