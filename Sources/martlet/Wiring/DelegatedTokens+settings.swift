import Clients
import Codec
import Domain
import Glibc
import Helpdesk
import Loop

/// Whose tokens count beside our own, as the settings say, and what keeps their keys at hand.
struct DelegatedIssuers: Sendable {
    let tokens: DelegatedTokens
    /// Nil when no keys are fetched.
    let source: JWKSSource?

    /// What is wrong with a key, as a sentence.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Nil when no issuer is named. Throws when a key is none, so that the server does not start without one that was meant to count.
    init?(_ settings: DeskSettings, on loop: EventLoop, _ log: Log) throws {
        var fixed = try Self.secrets(settings)
        if let source = settings.delegatedPublicKey { fixed.append(try Self.publicKey(source)) }
        guard !fixed.isEmpty || settings.delegatedKeysURL != nil else { return nil }
        let keys = fixed
        let source = try settings.delegatedKeysURL.map { url in
            do throws(ClientFault) {
                return try JWKSSource(url, on: loop) { failure in
                    log.error("an issuer's keys were not fetched", ["fault": .text("\(failure)")])
                }
            } catch {
                throw Fault(description: "DELEGATED_JWKS_URL is no address that keys can be fetched from")
            }
        }
        self.source = source
        if let source {
            var tokens = DelegatedTokens { TokenKeys(keys + source.keys.keys) }
            tokens.fetchKeys = { await source.refresh() }
            self.tokens = tokens.with(settings)
        } else {
            tokens = DelegatedTokens { TokenKeys(keys) }.with(settings)
        }
    }

    /// The secret that is shared, and the one before.
    private static func secrets(_ settings: DeskSettings) throws(Fault) -> [TokenKey] {
        let isOwn = settings.delegatedSecret != nil
        let name = isOwn ? "DELEGATED_JWT_SECRET" : "JWT_SECRET_KEY"
        let newest = isOwn ? settings.delegatedSecret : settings.sharedSecret
        let previous = isOwn ? settings.previousDelegatedSecret : settings.previousSharedSecret
        var keys: [TokenKey] = []
        if let newest { keys.append(try key(newest, named: name)) }
        if let previous { keys.append(try key(previous, named: "\(name)_PREVIOUS")) }
        return keys
    }

    private static func key(_ secret: Secret, named name: String) throws(Fault) -> TokenKey {
        do throws(TokenKey.Fault) {
            return try TokenKey(secret: Array(secret.reveal().utf8))
        } catch {
            throw Fault(description: "\(name) is no secret: who knows a public key must not be able to sign with it")
        }
    }

    private static func publicKey(_ source: PublicKeySource) throws(Fault) -> TokenKey {
        let (place, text) =
            switch source {
            case .file(let path): (path, text(of: path))
            case .text(let pem): ("the text", Optional(pem))
            }
        guard let text else { throw Fault(description: "DELEGATED_PUBLIC_KEY: \(place) cannot be read") }
        do throws(TokenKey.Fault) {
            return try TokenKey(pem: text)
        } catch {
            let kinds = "RSA of 2,048 bits or more, P-256 or Ed25519"
            throw Fault(description: "DELEGATED_PUBLIC_KEY: \(place) holds no public key in PEM that is \(kinds)")
        }
    }

    /// A file of at most 64 KiB, which no key exceeds.
    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return ferror(file) == 0 && count < bytes.count ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}

extension DelegatedTokens {
    fileprivate func with(_ settings: DeskSettings) -> DelegatedTokens {
        var tokens = self
        tokens.audience = settings.delegatedAudience
        tokens.requiresExpiry = settings.delegatedRequiresExpiry
        tokens.highestRole = settings.delegatedMaxRole.role
        return tokens
    }
}

extension DelegatedRole {
    fileprivate var role: Role {
        switch self {
        case .guest: .guest
        case .customer: .customer
        case .agent: .agent
        case .admin: .admin
        }
    }
}
