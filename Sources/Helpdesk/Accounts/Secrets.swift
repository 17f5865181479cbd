internal import Codec
internal import Domain

/// Something random that opens something to whoever holds it: a refresh token, a mailed link. It is given away once, and only its
/// digest is kept, so that who reads the database cannot use it.
struct GivenSecret: Sendable {
    let text: String
    let digest: [UInt8]

    init(_ outside: Outside) {
        text = Base64.encode(outside.random(32), .url, padded: false)
        digest = Self.digest(of: text)
    }

    static func digest(of text: String) -> [UInt8] { SHA256.digest(Array(text.utf8)) }
}

extension Desk {
    /// Hashes a password where it holds up nobody. Throws `.busy` when too much waits already.
    public func hash(password: String) async throws -> String {
        let made = Box<String?>(nil)
        try await outside.offloadHash { made.value = PasswordHash.make(password) }
        guard let hash = made.value else { throw DeskError.busy("There is no memory for this now: please try again") }
        return hash
    }

    /// Whether a password fits a hash, and the hash to keep from now on when that one is out of date. Without a hash it fits never, and
    /// takes as long.
    func check(password: String, against hash: String?) async throws -> (fits: Bool, renewed: String?) {
        let result = Box<(fits: Bool, renewed: String?)>((false, nil))
        try await outside.offloadHash {
            let fits = PasswordHash.verify(password, hash ?? PasswordHash.ofNobody) && hash != nil
            let isOld = fits && hash.map(PasswordHash.needsRehash) ?? false
            result.value = (fits, isOld ? PasswordHash.make(password) : nil)
        }
        return result.value
    }
}

/// Carries a result out of work that was handed to another thread.
private final class Box<Value: Sendable>: @unchecked Sendable {
    // Written by the work before `offload` returns, and read only after: the two never meet.
    var value: Value

    init(_ value: Value) { self.value = value }
}
