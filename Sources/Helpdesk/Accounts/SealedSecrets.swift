internal import Codec
internal import Domain

/// Seals what the database keeps and must give back, with a key made of the desk's secret: who gets hold of the database alone cannot read
/// it. What is sealed says whose it is, so that nobody can put their own in somebody else's row.
struct SealedSecrets: Sendable {
    private let newest: SecretBox
    private let previous: [SecretBox]

    /// - Parameter purpose: no other key of the desk is made for the same.
    init(_ purpose: StaticString, secret: [UInt8], previous: [[UInt8]]) {
        let box = { (secret: [UInt8]) in
            SecretBox(key: HKDF.derive(SecretBox.keySize, from: secret, info: Array("martlet \(purpose)".utf8)))
        }
        newest = box(secret)
        self.previous = previous.map(box)
    }

    /// - Parameter nonce: `SecretBox.nonceSize` bytes that nobody can guess.
    func seal(_ secret: [UInt8], of person: Person.ID, nonce: [UInt8]) -> [UInt8] { newest.seal(person.bytes + secret, nonce: nonce) }

    /// What was sealed; nil when it is not this person's, or was sealed under none of the desk's secrets.
    func open(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
        Self.open(sealed, of: person, with: newest) ?? openWithPrevious(sealed, of: person)
    }

    /// The same for what was sealed under a previous secret, and should be sealed anew; nil for all else.
    func openOld(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
        Self.open(sealed, of: person, with: newest) == nil ? openWithPrevious(sealed, of: person) : nil
    }

    private func openWithPrevious(_ sealed: [UInt8], of person: Person.ID) -> [UInt8]? {
        for box in previous { if let secret = Self.open(sealed, of: person, with: box) { return secret } }
        return nil
    }

    private static func open(_ sealed: [UInt8], of person: Person.ID, with box: SecretBox) -> [UInt8]? {
        guard let opened = box.open(sealed), opened.starts(with: person.bytes) else { return nil }
        return Array(opened.dropFirst(person.bytes.count))
    }
}

extension Identifier {
    /// The sixteen bytes, the most significant first.
    var bytes: [UInt8] { withUnsafeBytes(of: bits.bigEndian) { [UInt8]($0) } }
}
