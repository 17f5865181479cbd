internal import Codec
internal import Domain

/// The keys that second factors are kept under, made of the desk's secret: whoever gets hold of the database alone can neither make a
/// code nor use a recovery code.
struct SecondFactorKeys: Sendable {
    private let box: SecretBox
    private let digests: HMACKey

    init(secret: [UInt8]) {
        box = SecretBox(key: HKDF.derive(SecretBox.keySize, from: secret, info: Array("martlet second factors".utf8)))
        digests = HMACKey(HKDF.derive(32, from: secret, info: Array("martlet recovery codes".utf8)))
    }

    /// A secret as it is kept. It says whose it is, so that nobody can put their own in somebody else's row.
    func seal(_ secret: [UInt8], of person: Person.ID, nonce: [UInt8]) -> [UInt8] { box.seal(person.bytes + secret, nonce: nonce) }

    /// The secret; nil when it is not this person's, or the desk had another secret when it was kept.
    func open(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
        guard let opened = box.open(sealed), opened.starts(with: person.bytes) else { return nil }
        return Array(opened.dropFirst(person.bytes.count))
    }

    /// What is kept of a recovery code, however it is typed.
    func digest(ofRecoveryCode code: String, of person: Person.ID) -> [UInt8] {
        let typed = code.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        let upper = typed.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 & 0xDF : $0 }
        return digests.code(of: person.bytes + upper)
    }
}

extension Identifier {
    /// The sixteen bytes, the most significant first.
    fileprivate var bytes: [UInt8] { withUnsafeBytes(of: bits.bigEndian) { [UInt8]($0) } }
}
