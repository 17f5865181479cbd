import Codec
import Helpdesk
import Storage

/// What the desk signs with, and what it signed with before as long as that is good too.
struct DeskSecrets: Sendable {
    /// The secret that is set, one made of the shared secret, or one that is made once and kept.
    let newest: [UInt8]
    let previous: [[UInt8]]

    init(_ settings: DeskSettings, _ database: any Database, _ outside: Outside) async throws {
        if let own = settings.secret {
            newest = Self.bytes(own)
        } else if let shared = settings.sharedSecret {
            newest = Self.derived(from: shared)
        } else {
            newest = try await KeptSecrets.secret("own tokens", in: database, making: { outside.random(32) })
        }
        var previous = settings.previousSecret.map { [Self.bytes($0)] } ?? []
        if settings.secret == nil, let shared = settings.previousSharedSecret { previous.append(Self.derived(from: shared)) }
        self.previous = previous
    }

    private static func bytes(_ secret: Secret) -> [UInt8] { Array(secret.reveal().utf8) }

    private static func derived(from shared: Secret) -> [UInt8] {
        HKDF.derive(32, from: bytes(shared), info: Array("martlet own tokens".utf8))
    }
}
