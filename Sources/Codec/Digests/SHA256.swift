import CCrypto

/// SHA-256 by OpenSSL, in pieces or at once.
public struct SHA256: ~Copyable {
    public static let size = 32

    /// Looked up once: OpenSSL 3 otherwise searches its providers for every digest, which takes longer than a short digest.
    /// Unsafe is safe here, for a fetched method is never changed and OpenSSL counts its users atomically.
    nonisolated(unsafe) static let method: OpaquePointer = {
        guard let method = EVP_MD_fetch(nil, "SHA256", nil) else { fatalError("this OpenSSL has no SHA-256") }
        return method
    }()

    let context: OpaquePointer

    public init() { context = SHA256.newContext() }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

    /// Takes the next bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of all that came.
    public consuming func finish() -> [UInt8] { SHA256.finish(context) }

    /// The digest of `bytes`.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var digest = SHA256()
        digest.update(bytes)
        return digest.finish()
    }

    /// The digest of `bytes`.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { digest($0) } }

    /// A context that is ready for bytes. Fails only when there is no memory, and then nothing else would work either.
    static func newContext() -> OpaquePointer {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, method, nil) == 1 else { fatalError("OpenSSL: no memory") }
        return context
    }

    static func finish(_ context: OpaquePointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { room, count in
            precondition(EVP_DigestFinal_ex(context, room.baseAddress, nil) == 1, "OpenSSL: a digest failed")
            count = size
        }
    }
}
