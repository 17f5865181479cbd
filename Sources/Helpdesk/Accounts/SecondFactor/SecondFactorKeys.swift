internal import Codec
internal import Domain

/// The keys that second factors are kept under, made of the desk's secret: whoever gets hold of the database alone can neither make a
/// code nor use a recovery code.
struct SecondFactorKeys: Sendable {
    /// The keys that are made of one secret.
    private struct Keys {
        let box: SecretBox
        let digests: HMACKey

        init(_ secret: [UInt8]) {
            box = SecretBox(key: HKDF.derive(SecretBox.keySize, from: secret, info: Array("martlet second factors".utf8)))
            digests = HMACKey(HKDF.derive(32, from: secret, info: Array("martlet recovery codes".utf8)))
        }

        func open(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
            guard let opened = box.open(sealed), opened.starts(with: person.bytes) else { return nil }
            return Array(opened.dropFirst(person.bytes.count))
        }
    }

    private let newest: Keys
    private let previous: [Keys]

    init(secret: [UInt8], previous: [[UInt8]] = []) {
        newest = Keys(secret)
        self.previous = previous.map { Keys($0) }
    }

    /// A secret as it is kept. It says whose it is, so that nobody can put their own in somebody else's row.
    func seal(_ secret: [UInt8], of person: Person.ID, nonce: [UInt8]) -> [UInt8] { newest.box.seal(person.bytes + secret, nonce: nonce) }

    /// The secret; nil when it is not this person's, or was kept under none of the desk's secrets.
    func open(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
        newest.open(sealed, of: person) ?? openWithPrevious(sealed, of: person)
    }

    /// The secret of a second factor that is kept under a previous secret, and should be sealed anew; nil for every other.
    func openOld(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
        newest.open(sealed, of: person) == nil ? openWithPrevious(sealed, of: person) : nil
    }

    private func openWithPrevious(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
        for keys in previous { if let secret = keys.open(sealed, of: person) { return secret } }
        return nil
    }

    /// What is kept of a recovery code, however it is typed.
    func digest(ofRecoveryCode code: String, of person: Person.ID) -> [UInt8] {
        newest.digests.code(of: person.bytes + Self.plain(code))
    }

    /// What may be kept of it: under the desk's secret, or under one before.
    func digests(ofRecoveryCode code: String, of person: Person.ID) -> [[UInt8]] {
        ([newest] + previous).map { $0.digests.code(of: person.bytes + Self.plain(code)) }
    }

    private static func plain(_ code: String) -> [UInt8] {
        let typed = code.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        return typed.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 & 0xDF : $0 }
    }
}

extension Identifier {
    /// The sixteen bytes, the most significant first.
    fileprivate var bytes: [UInt8] { withUnsafeBytes(of: bits.bigEndian) { [UInt8]($0) } }
}
