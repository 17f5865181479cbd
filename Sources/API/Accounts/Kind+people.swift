internal import Codec
internal import Domain
internal import Helpdesk

// What must be an address or a username is checked with the body, so that it is told with all else that is wrong.

extension Kind {
    /// An address as people have one.
    static var emailAddress: Kind<String> {
        .sane(.word("email"), 1...EmailAddress.longest, .email) { EmailAddress.isSane($0) }
    }

    /// A name to sign in with.
    static var username: Kind<String> { .sane(.text(1...Username.longest), 1...Username.longest, .username) { Username.isSane($0) } }

    private static func sane(
        _ schema: Schema, _ length: ClosedRange<Int>, _ field: InvalidField, _ isSane: @escaping @Sendable (String) -> Bool
    ) -> Kind<String> {
        Kind<String>.text(length).described(as: schema).checked { isSane($0) ? nil : Fault(field.kind, field.message) }
    }
}
