import CCrypto

/// A key for HMAC-SHA256 (RFC 2104), with the work that depends on the key alone done once.
///
/// `@unchecked Sendable` because both contexts are filled in `init` and afterwards only copied from, by `EVP_MD_CTX_copy_ex`, which
/// takes its source as `const`; every thread works on its own copy.
public final class HMACKey: @unchecked Sendable {
    private let inner: OpaquePointer
    private let outer: OpaquePointer

    public init(_ secret: [UInt8]) {
        var block = secret.count > 64 ? SHA256.digest(secret) : secret
        block += [UInt8](repeating: 0, count: 64 - block.count)
        inner = HMACKey.primed(block.map { $0 ^ 0x36 })
        outer = HMACKey.primed(block.map { $0 ^ 0x5C })
        Secret.wipe(&block)
    }

    deinit {
        EVP_MD_CTX_free(inner)
        EVP_MD_CTX_free(outer)
    }

    /// The code of `bytes`.
    public func code(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { fatalError("OpenSSL: no memory") }
        defer { EVP_MD_CTX_free(context) }
        EVP_MD_CTX_copy_ex(context, inner)
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        let digest = SHA256.finish(context)
        EVP_MD_CTX_copy_ex(context, outer)
        EVP_DigestUpdate(context, digest, digest.count)
        return SHA256.finish(context)
    }

    /// The code of `bytes`.
    public func code(of bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { code(of: $0) } }

    /// Whether `code` is the code of `bytes`, in a time that does not tell where they differ.
    public func verifies(_ code: [UInt8], of bytes: UnsafeRawBufferPointer) -> Bool { Secret.areEqual(self.code(of: bytes), code) }

    private static func primed(_ pad: [UInt8]) -> OpaquePointer {
        let context = SHA256.newContext()
        EVP_DigestUpdate(context, pad, pad.count)
        return context
    }
}

/// HKDF-SHA256 (RFC 5869): keys out of a key.
public enum HKDF {
    /// `count` bytes (8,160 at most) for the use that `info` names.
    public static func derive(_ count: Int, from secret: [UInt8], salt: [UInt8] = [], info: [UInt8] = []) -> [UInt8] {
        precondition(count >= 0 && count <= 255 * SHA256.size, "HKDF gives 255 digests at most")
        let key = HMACKey(HMACKey(salt).code(of: secret))
        var derived: [UInt8] = []
        var last: [UInt8] = []
        var round: UInt8 = 0
        while derived.count < count {
            round += 1
            last = key.code(of: last + info + [round])
            derived += last
        }
        return Array(derived.prefix(count))
    }
}

/// What secrets need that other bytes do not.
public enum Secret {
    /// Whether the bytes are the same, in a time that depends on their number alone.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// Overwrites the bytes in a way that the compiler does not leave out.
    static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }
}
