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
    static var username: Kind<String> {
        .sane(.pattern("^[^@\\s]([^@]*[^@\\s])?$", 1...Username.longest), 1...Username.longest, .username) { Username.isWellFormed($0) }
    }

    /// What somebody can be made here: guests are other systems' people.
    static var givenRole: Kind<Role> {
        Kind<Role>.word(Role.self).described(as: .words(Role.allCases.filter { $0 != .guest }.map(\.rawValue)))
    }

    private static func sane(
        _ schema: Schema, _ length: ClosedRange<Int>, _ field: InvalidField, _ isSane: @escaping @Sendable (String) -> Bool
    ) -> Kind<String> {
        Kind<String>.text(length).described(as: schema).checked { isSane($0) ? nil : Fault(field.kind, field.message) }
    }
}
