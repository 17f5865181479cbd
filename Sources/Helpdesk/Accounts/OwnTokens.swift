internal import Codec
internal import Domain

/// Access tokens of our own: HS256, and good only as long as the sign-in that they name.
struct OwnTokens: Sendable {
    private let key: TokenKey
    private let keys: TokenKeys
    static let issuer = "martlet"

    /// What a token of ours says.
    struct Claims: Sendable {
        var person: Person.ID
        var session: Session.ID
        var expiresAt: Moment
    }

    /// Tokens are made with `secret`, and good with the previous ones too. Throws when a secret is too short to be one, or a key that others
    /// may know.
    init(secret: [UInt8], previous: [[UInt8]] = []) throws(TokenKey.Fault) {
        key = try TokenKey(secret: secret)
        var keys = [key]
        for secret in previous { keys.append(try TokenKey(secret: secret)) }
        self.keys = TokenKeys(keys)
    }

    func make(_ claims: Claims, role: Role, id: UInt128, at now: Moment) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in [
            ("iss", .text(Self.issuer)), ("sub", .text(claims.person.text)), ("role", .text(role.rawValue)),
            ("exp", .integer(claims.expiresAt.milliseconds / 1000)), ("iat", .integer(now.milliseconds / 1000)),
            ("jti", .text(UUID(bits: id).description)), ("sid", .text(claims.session.text)),
        ] as [(StaticString, JSONValue)] {
            writer.key(name)
            writer.value(value)
        }
        writer.endObject()
        return Token.sign(claims: writer.finish(), with: key)
    }

    /// What a token says, if it is one of ours and good now; nil for every other.
    func read(_ text: UnsafeRawBufferPointer, at now: Moment) -> Claims? {
        guard let token = try? Token.verify(text, keys: keys), let claims = try? token.claims() else { return nil }
        // Years of four digits, so that the moment below can be reckoned, whoever signed it.
        guard claims["iss"]?.string == Self.issuer, let exp = claims["exp"]?.int, exp <= Timestamp.latest.seconds,
            now.milliseconds / 1000 < exp,
            let person = claims["sub"]?.string.flatMap({ UUID($0) }), let session = claims["sid"]?.string.flatMap({ UUID($0) })
        else { return nil }
        return Claims(person: Person.ID(person.bits), session: Session.ID(session.bits), expiresAt: Moment(exp * 1000))
    }
}
