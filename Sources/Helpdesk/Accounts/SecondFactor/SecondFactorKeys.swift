internal import Codec
internal import Domain

/// The keys that second factors are kept under, made of the desk's secret: whoever gets hold of the database alone can neither make a
/// code nor use a recovery code.
struct SecondFactorKeys: Sendable {
    /// For the secrets that codes are made of.
    let secrets: SealedSecrets
    private let digests: HMACKey
    private let previousDigests: [HMACKey]

    init(secret: [UInt8], previous: [[UInt8]] = []) {
        secrets = SealedSecrets("second factors", secret: secret, previous: previous)
        let digests = { (secret: [UInt8]) in HMACKey(HKDF.derive(32, from: secret, info: Array("martlet recovery codes".utf8))) }
        self.digests = digests(secret)
        previousDigests = previous.map(digests)
    }

    /// What is kept of a recovery code, however it is typed.
    func digest(ofRecoveryCode code: String, of person: Person.ID) -> [UInt8] { digests.code(of: person.bytes + Self.plain(code)) }

    /// What may be kept of it: under the desk's secret, or under one before.
    func digests(ofRecoveryCode code: String, of person: Person.ID) -> [[UInt8]] {
        ([digests] + previousDigests).map { $0.code(of: person.bytes + Self.plain(code)) }
    }

    private static func plain(_ code: String) -> [UInt8] {
        let typed = code.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        return typed.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 & 0xDF : $0 }
    }
}
