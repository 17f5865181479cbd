import CSodium

/// Bytes that only who has the key can read or change: XSalsa20-Poly1305 by libsodium. For secrets that must be had again; of those
/// that are only compared, a digest is enough.
public struct SecretBox: Sendable {
    public static let keySize = 32
    public static let nonceSize = 24
    private static let codeSize = 16

    private let key: [UInt8]

    /// - Parameter key: `keySize` bytes that nobody can guess.
    public init(key: [UInt8]) {
        precondition(key.count == SecretBox.keySize, "a key of secretbox has 32 bytes")
        // libsodium picks its fastest code here; 0 and 1 both mean that it is ready.
        precondition(sodium_init() >= 0, "libsodium does not start")
        self.key = key
    }

    /// `bytes` sealed, with the nonce in front. The nonce is random: with 24 bytes no two are ever the same.
    public func seal(_ bytes: [UInt8], nonce: [UInt8]) -> [UInt8] {
        precondition(nonce.count == SecretBox.nonceSize, "a nonce of secretbox has 24 bytes")
        var sealed = [UInt8](repeating: 0, count: bytes.count + SecretBox.codeSize)
        precondition(crypto_secretbox_easy(&sealed, bytes, UInt64(bytes.count), nonce, key) == 0, "libsodium: a box was not sealed")
        return nonce + sealed
    }

    /// What was sealed; nil when it was sealed with another key, or changed since.
    public func open(_ sealed: [UInt8]) -> [UInt8]? {
        let room = sealed.count - SecretBox.nonceSize - SecretBox.codeSize
        guard room >= 0 else { return nil }
        let box = Array(sealed[SecretBox.nonceSize...])
        var bytes = [UInt8](repeating: 0, count: room)
        let isGood = crypto_secretbox_open_easy(&bytes, box, UInt64(box.count), Array(sealed[..<SecretBox.nonceSize]), key) == 0
        return isGood ? bytes : nil
    }
}
