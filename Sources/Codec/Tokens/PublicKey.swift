import CCrypto

/// A public key of OpenSSL's.
///
/// `@unchecked Sendable` because the key is made in `init` and afterwards only verified with: OpenSSL allows any number of threads to use
/// one `EVP_PKEY` so long as none changes it (`openssl-threads(7)`), and counts its users atomically.
final class PublicKey: @unchecked Sendable {
    private let key: OpaquePointer

    /// A `SubjectPublicKeyInfo`, with nothing behind it.
    init?(der: [UInt8]) {
        let key: OpaquePointer? = der.withUnsafeBufferPointer { bytes in
            var at = bytes.baseAddress
            guard let key = d2i_PUBKEY(nil, &at, bytes.count) else { return nil }
            guard at == bytes.baseAddress.map({ $0 + bytes.count }) else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        ERR_clear_error()  // what failed here must not be found by the next user of this thread's queue, TLS say
        guard let key else { return nil }
        self.key = key
    }

    /// A `PUBLIC KEY` block.
    init?(pem: [UInt8]) {
        // The BIO reads from where the bytes lie, so they must stay until it is done.
        let key: OpaquePointer? = pem.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(source) }
            return PEM_read_bio_PUBKEY(source, nil, nil, nil)
        }
        ERR_clear_error()
        guard let key else { return nil }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    var bits: Int { Int(EVP_PKEY_get_bits(key)) }

    /// What it can verify; nil for kinds and curves that are not ours.
    var algorithm: TokenAlgorithm? {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: return .rs256
        case EVP_PKEY_ED25519: return .edDSA
        case EVP_PKEY_EC:
            var name = [CChar](repeating: 0, count: 32)
            var length = 0
            guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return nil }
            return name.prefix(length).map { UInt8(bitPattern: $0) } == Array("prime256v1".utf8) ? .es256 : nil
        default: return nil
        }
    }

    /// Whether `signature`, in the form that tokens have it, is this key's over `bytes`.
    func verifies(_ signature: [UInt8], of bytes: UnsafeRawBufferPointer) -> Bool {
        guard let algorithm, let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        var signature = signature
        if algorithm == .es256 {
            guard signature.count == 64 else { return false }
            signature = DER.signature(r: signature[..<32], s: signature[32...])
        }
        let method = algorithm == .edDSA ? nil : SHA256.method
        guard EVP_DigestVerifyInit(context, nil, method, nil, key) == 1 else { return false }
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return EVP_DigestVerify(context, signature, signature.count, start, bytes.count) == 1
    }
}
