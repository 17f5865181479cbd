import CCrypto

/// HMAC-SHA1 by OpenSSL, for the one-time codes of authenticator apps, which know nothing else. For anything of our own: `HMACKey`.
public enum HMACSHA1 {
    public static let size = 20

    /// The code of `bytes`.
    public static func code(of bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(key.count <= Int32.max, "OpenSSL counts a key's bytes in 32 bits")
        return [UInt8](unsafeUninitializedCapacity: size) { room, count in
            // Fails only when there is no memory, or when SHA-1 was taken out of this OpenSSL.
            guard HMAC(EVP_sha1(), key, Int32(key.count), bytes, bytes.count, room.baseAddress, nil) != nil else {
                fatalError("this OpenSSL makes no HMAC-SHA1")
            }
            count = size
        }
    }
}
