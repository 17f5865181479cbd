import CCrypto

/// A key that tokens are checked with. It has one algorithm and no other.
public final class TokenKey: Sendable {
    /// Why something is no key of ours.
    public enum Fault: Error, Equatable, Sendable {
        case malformed
        /// A public or private key where a secret should be: whoever knows the public key could sign.
        case notASecret
        /// An empty secret, or an RSA modulus under 2,048 or over 8,192 bits.
        case unfitSize
        /// A kind of key or curve that we do not take, or a use other than signing.
        case unsupported
    }

    enum Material: Sendable {
        case secret(HMACKey)
        case publicKey(PublicKey)
    }

    public let algorithm: TokenAlgorithm
    /// What tokens call it.
    public let id: String?
    let material: Material

    private init(_ algorithm: TokenAlgorithm, _ id: String?, _ material: Material) {
        self.algorithm = algorithm
        self.id = id
        self.material = material
    }

    /// A shared secret, for HS256. It should be as long as it is random; only what is plainly another kind of key is refused.
    public convenience init(secret: [UInt8], id: String? = nil) throws(Fault) {
        guard !secret.isEmpty else { throw .unfitSize }
        let text = String(decoding: secret, as: UTF8.self)
        guard !text.contains("-----BEGIN"), PublicKey(der: secret) == nil else { throw .notASecret }
        if case .object(let members)? = try? JSONValue(parsing: secret),
            members.contains(where: { $0.name.equals("kty") || $0.name.equals("keys") })
        {
            throw .notASecret
        }
        self.init(.hs256, id, .secret(HMACKey(secret)))
    }

    /// A public key in PEM (`BEGIN PUBLIC KEY`): RSA for RS256, P-256 for ES256, Ed25519 for EdDSA.
    public convenience init(pem: String, id: String? = nil) throws(Fault) {
        guard let key = PublicKey(pem: Array(pem.utf8)) else { throw .malformed }
        try self.init(key, id)
    }

    private convenience init(_ key: PublicKey, _ id: String?) throws(Fault) {
        guard let algorithm = key.algorithm else { throw .unsupported }
        if algorithm == .rs256 && !(2048...8192).contains(key.bits) { throw .unfitSize }
        self.init(algorithm, id, .publicKey(key))
    }

    /// A public key as JWK (RFC 7517): RSA, EC on P-256, OKP Ed25519.
    public convenience init(jwk: JSONValue) throws(Fault) {
        guard case .object = jwk, let kind = jwk["kty"]?.string else { throw .malformed }
        if let use = jwk["use"], use != .text("sig") { throw .unsupported }
        if let uses = jwk["key_ops"] {
            guard uses.elements?.contains(.text("verify")) == true else { throw .unsupported }
        }
        let der: [UInt8]
        switch (kind, jwk["crv"]?.string) {
        case ("RSA", _): der = DER.rsa(modulus: try TokenKey.bytes(jwk, "n"), exponent: try TokenKey.bytes(jwk, "e"))
        case ("EC", "P-256"): der = DER.p256(x: try TokenKey.bytes(jwk, "x", 32), y: try TokenKey.bytes(jwk, "y", 32))
        case ("OKP", "Ed25519"): der = DER.ed25519(try TokenKey.bytes(jwk, "x", 32))
        default: throw .unsupported
        }
        guard let key = PublicKey(der: der) else { throw .malformed }
        if let id = jwk["kid"], id.string == nil { throw .malformed }
        if let name = jwk["alg"], name.string != key.algorithm?.rawValue { throw .unsupported }
        try self.init(key, jwk["kid"]?.string)
    }

    private static func bytes(_ jwk: JSONValue, _ name: String, _ count: Int? = nil) throws(Fault) -> [UInt8] {
        guard let text = jwk[name]?.string, let bytes = Base64.decode(text, .url, padded: false), !bytes.isEmpty,
            count == nil || bytes.count == count
        else { throw .malformed }
        return bytes
    }

    /// Whether `signature` is this key's over `bytes`.
    func verifies(_ signature: [UInt8], of bytes: UnsafeRawBufferPointer) -> Bool {
        switch material {
        case .secret(let key): key.verifies(signature, of: bytes)
        case .publicKey(let key): key.verifies(signature, of: bytes)
        }
    }
}

/// The keys that a token may be signed with.
public struct TokenKeys: Sendable {
    /// More keys in one set than anybody rotates; beyond it a set is not believed.
    public static let most = 64

    public let keys: [TokenKey]

    public init(_ keys: [TokenKey]) { self.keys = keys }

    /// A set of keys (JWKS) or one key, in JSON. Keys of kinds that we do not take are passed over, as RFC 7517 asks; a set without any
    /// that we take is `.unsupported`.
    public init(jwks bytes: [UInt8]) throws(TokenKey.Fault) {
        guard let value = try? JSONValue(parsing: bytes) else { throw .malformed }
        guard let list = value["keys"]?.elements ?? (value["kty"] == nil ? nil : [value]), list.count <= TokenKeys.most else {
            throw .malformed
        }
        var keys: [TokenKey] = []
        for item in list {
            do throws(TokenKey.Fault) { keys.append(try TokenKey(jwk: item)) } catch {
                if error == .malformed { throw error }
            }
        }
        guard !keys.isEmpty else { throw .unsupported }
        self.keys = keys
    }

    /// The keys to try: of the algorithm, and of that name where both have one.
    func candidates(for algorithm: TokenAlgorithm, _ id: String?) -> [TokenKey] {
        keys.filter { key in
            guard key.algorithm == algorithm else { return false }
            guard let id, let own = key.id else { return true }
            return own.hasSameBytes(as: id)
        }
    }
}
