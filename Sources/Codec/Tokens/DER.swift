/// The little of DER that keys and signatures in JSON need to become what OpenSSL reads.
enum DER {
    /// An RSA public key as `SubjectPublicKeyInfo`.
    static func rsa(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
        let rsaEncryption: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00]
        return publicKey(rsaEncryption, sequence(integer(modulus[...]) + integer(exponent[...])))
    }

    /// A point on P-256, uncompressed.
    static func p256(x: [UInt8], y: [UInt8]) -> [UInt8] {
        let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
        let prime256v1: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        return publicKey(ecPublicKey + prime256v1, [4] + x + y)
    }

    static func ed25519(_ key: [UInt8]) -> [UInt8] { publicKey([0x06, 0x03, 0x2B, 0x65, 0x70], key) }

    /// An ECDSA signature.
    static func signature(r: ArraySlice<UInt8>, s: ArraySlice<UInt8>) -> [UInt8] { sequence(integer(r) + integer(s)) }

    private static func publicKey(_ algorithm: [UInt8], _ key: [UInt8]) -> [UInt8] {
        sequence(sequence(algorithm) + tagged(0x03, [0] + key))
    }

    private static func sequence(_ content: [UInt8]) -> [UInt8] { tagged(0x30, content) }

    /// A number that is not negative, in as few bytes as it takes.
    private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return tagged(0x02, (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits)
    }

    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8 & 0xFF), UInt8(content.count & 0xFF)] + content
        }
    }
}
