public import Codec
public import Domain

/// Tokens of outside issuers: backends that know their users themselves, and vouch for them here with a signature. Whoever may sign is
/// believed about everybody but those who have an account here.
public struct DelegatedTokens: Sendable {
    /// The keys that count now; an issuer may change its own while we run.
    public var keys: @Sendable () -> TokenKeys
    /// Asks for newer keys, since a token names one that is not among them. False when there are none.
    public var fetchKeys: @Sendable () async -> Bool = { false }
    /// What a token's `aud` must name; nil: whatever it likes.
    public var audience: String?
    /// Whether a token must end some time.
    public var requiresExpiry = false
    /// The highest role that an issuer may grant.
    public var highestRole = Role.admin

    public init(keys: @escaping @Sendable () -> TokenKeys) { self.keys = keys }

    /// What a token says, if it is signed with a key of these, good now, and meant for us; nil for every other. One that says it is ours
    /// is none, whoever signed it.
    func read(_ credential: [UInt8], at now: Moment) async -> DelegatedClaims? {
        guard let token = await verified(credential), let claims = try? token.claims() else { return nil }
        let time = Timestamp(milliseconds: Int64(now.milliseconds))
        guard (try? token.checkTimes(now: time, requiresExpiry: requiresExpiry)) != nil, isForUs(claims["aud"]) else { return nil }
        guard var read = DelegatedClaims(claims), read.issuer != OwnTokens.issuer else { return nil }
        read.role = min(read.role, highestRole)
        // From a clock ahead of ours. It must not make what is said later look old, and it tells nothing of the order before its time comes.
        if let issuedAt = read.issuedAt, issuedAt > now { read.issuedAt = nil }
        return read
    }

    private func verified(_ credential: [UInt8]) async -> Token? {
        let text = String(decoding: credential, as: UTF8.self)
        do throws(Token.Fault) {
            return try Token.verify(text, keys: keys())
        } catch {
            guard error == .noKey, await fetchKeys() else { return nil }
        }
        return try? Token.verify(text, keys: keys())
    }

    private func isForUs(_ named: JSONValue?) -> Bool {
        guard let audience else { return true }
        return named?.string == audience || named?.elements?.contains(.text(audience)) == true
    }
}
