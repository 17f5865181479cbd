internal import Codec
internal import Domain

/// What an issuer says of somebody: `{"id", "username", "email", "role", "exp"?, "iat"?, "iss"?}`.
struct DelegatedClaims: Sendable, Equatable {
    /// Who says it; one who does not say is `default`.
    var issuer: String
    /// What the issuer calls them.
    var subject: String
    /// What they are called, on one line whatever the issuer says. Not a username here: those are for people with an account, and two issuers may use one name.
    var name: String
    var email: String?
    var role: Role
    /// So that a token that is older than another does not undo what the newer one said.
    var issuedAt: Moment?
    /// `.never` when the token does not end.
    var expiresAt: Moment

    /// Nil when something is missing, or is no such thing.
    init?(_ claims: JSONValue) {
        guard let issuer = Self.text(claims["iss"] ?? .text("default"), 1...255), let subject = Self.id(claims["id"]),
            let name = Self.text(claims["username"], 1...Person.longestName).flatMap(OneLine.mended), let role = Self.role(claims["role"])
        else { return nil }
        (self.issuer, self.subject, self.name, self.role) = (issuer, subject, name, role)
        switch claims["email"] {
        case nil, .null: email = nil
        case let given:
            guard let given = Self.text(given, 3...320), OneLine.fault(in: given) == nil,
                given.utf8.count(where: { $0 == UInt8(ascii: "@") }) == 1
            else { return nil }
            email = given
        }
        expiresAt = Self.moment(claims["exp"]) ?? .never
        issuedAt = Self.moment(claims["iat"])
    }

    private static func text(_ value: JSONValue?, _ length: ClosedRange<Int>) -> String? {
        guard let text = value?.string, length.contains(text.unicodeScalars.count), !text.utf8.contains(0) else { return nil }
        return text
    }

    /// A text; numbers are ids too, in many a database.
    private static func id(_ value: JSONValue?) -> String? {
        if case .integer(let number) = value { return String(number) }
        return text(value, 1...255)
    }

    private static func role(_ value: JSONValue?) -> Role? {
        guard let text = value?.string else { return nil }
        return try? Kind<Role>.word(Role.self).read(text: text, at: "role")
    }

    /// Seconds since 1970, as far as they make sense.
    private static func moment(_ value: JSONValue?) -> Moment? {
        value?.double.map { Moment(Int(min(max($0, 0), 253_402_300_799) * 1000)) }
    }
}
