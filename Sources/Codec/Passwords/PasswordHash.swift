import CCrypt
import CSodium
import Glibc

/// Passwords as they are kept: Argon2id by libsodium for ours, and bcrypt by libcrypt for what was brought from elsewhere.
public enum PasswordHash {
    /// OWASP's parameters for Argon2id: 19 MiB, two passes, one lane.
    private static let passes: UInt64 = 2
    private static let memory = 19 * 1024 * 1024

    /// libsodium wants to be initialised once before anything else; 0 and 1 both mean that it is.
    private static let isReady: Bool = sodium_init() >= 0

    /// A hash of nobody's: it costs as much to verify as any of ours and fits no password. For an account that is not there, so that
    /// looking for it takes as long as for one that is.
    public static let ofNobody =
        "$argon2id$v=19$m=\(memory / 1024),t=\(passes),p=1$\(String(repeating: "A", count: 22))$\(String(repeating: "A", count: 43))"

    /// A new hash of `password`. **Blocks** for some tens of milliseconds and takes 19 MiB: never on a loop.
    /// Nil when there is no memory for it.
    public static func make(_ password: String) -> String? {
        guard isReady else { return nil }
        var password = Array(password.utf8CString)
        defer { sodium_memzero(&password, password.count) }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let length = UInt64(password.count - 1)
        guard crypto_pwhash_str_alg(&text, password, length, passes, memory, crypto_pwhash_ALG_ARGON2ID13) == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether `hash` was made of `password`. **Blocks** as `make` does: never on a loop.
    ///
    /// False too for a hash of another kind, and for one whose cost is beyond any that is in use: a row in a database must not be able to
    /// stop a machine.
    public static func verify(_ password: String, _ hash: String) -> Bool {
        var password = Array(password.utf8CString)
        defer { sodium_memzero(&password, password.count) }
        if isArgon2id(hash) {
            guard isReady else { return false }
            return crypto_pwhash_str_verify(hash, password, UInt64(password.count - 1)) == 0
        }
        return isBcrypt(hash) && verifyBcrypt(password, hash)
    }

    /// Whether a hash should be made anew at the next sign-in: bcrypt, or other parameters than today's.
    public static func needsRehash(_ hash: String) -> Bool {
        guard isReady, isArgon2id(hash) else { return true }
        return crypto_pwhash_str_needs_rehash(hash, passes, memory) != 0
    }

    /// An Argon2id string with up to 256 MiB and 16 passes.
    private static func isArgon2id(_ hash: String) -> Bool {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard hash.utf8.count < Int(crypto_pwhash_STRBYTES), parts.count == 6, parts[0] == "", parts[1] == "argon2id", parts[2] == "v=19"
        else { return false }
        let costs = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        func cost(_ at: Int, _ name: String, upTo most: Int) -> Bool {
            guard costs.count == 3, costs[at].hasPrefix(name), let value = Int(costs[at].dropFirst(name.count)) else { return false }
            return value >= 1 && value <= most
        }
        return cost(0, "m=", upTo: 262_144) && cost(1, "t=", upTo: 16) && cost(2, "p=", upTo: 1)
    }

    /// A bcrypt string of cost 4 to 15.
    private static func isBcrypt(_ hash: String) -> Bool {
        let text = Array(hash.utf8)
        guard text.count == 60, ["$2a$", "$2b$", "$2y$"].contains(String(hash.prefix(4))), text[6] == UInt8(ascii: "$"),
            let cost = Int(hash.dropFirst(4).prefix(2))
        else { return false }
        return cost >= 4 && cost <= 15
    }

    /// bcrypt ends a password at its first NUL, so one that holds a NUL would share its hash with others: it never fits.
    private static func verifyBcrypt(_ password: [CChar], _ hash: String) -> Bool {
        guard password.dropLast().allSatisfy({ $0 != 0 }) else { return false }
        // The size of `struct crypt_data`, which is fixed by libxcrypt's ABI and too large for Swift to see its fields.
        let size = 32_768
        let work = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        work.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer {
            sodium_memzero(work, size)
            work.deallocate()
        }
        guard let made = crypt_rn(password, hash, work, Int32(size)) else { return false }
        return strlen(made) == 60 && sodium_memcmp(made, hash, 60) == 0
    }
}
