/// Somebody we know: a customer, a guest, or one of the staff.
public struct Person: Sendable, Equatable {
    public typealias ID = Identifier<Person>

    /// How somebody came to be known.
    public enum Origin: String, CaseIterable, Sendable {
        /// Has an account here, with a password.
        case account
        /// Wrote a mail, or had a ticket opened for them; claims the account by a mailed link.
        case contact
        /// Vouched for by an outside issuer's tokens.
        case delegated
    }

    public var id: ID
    public var origin: Origin
    public var email: String?
    public var username: String?
    public var firstName: String
    public var lastName: String
    /// What they are called: as it was given, or first and last name.
    public var name: String
    public var role: Role
    public var supportRole: SupportRole
    public var isActive: Bool
    /// Whether automatic assignment may choose them.
    public var isAvailable: Bool
    public var isVerified: Bool
    /// Whether the account was registered by somebody who has not shown yet, together with the password, that the address is theirs. Until
    /// then the password, the name and the second factor may be a stranger's.
    public var needsProof: Bool
    public var locale: String?
    public var timeZone: String?
    public var createdAt: Moment
    public var updatedAt: Moment
    public var revision: Int

    public init(
        id: ID, origin: Origin, email: String?, username: String?, firstName: String, lastName: String, name: String, role: Role,
        supportRole: SupportRole, isActive: Bool, isAvailable: Bool, isVerified: Bool, locale: String?, timeZone: String?,
        createdAt: Moment, updatedAt: Moment, revision: Int, needsProof: Bool = false
    ) {
        self.id = id
        self.origin = origin
        self.email = email
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.name = name
        self.role = role
        self.supportRole = supportRole
        self.isActive = isActive
        self.isAvailable = isAvailable
        self.isVerified = isVerified
        self.needsProof = needsProof
        self.locale = locale
        self.timeZone = timeZone
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }
}

extension Person {
    /// How long a first and a last name are, and both in one.
    public static let longestName = 100
    public static let longestFullName = 200

    /// As others see them.
    public var party: Party { Party(id: id, name: name, email: email, role: role) }

    /// Whether somebody other than themselves says who they are: the admin who made the account, an outside issuer, or their own address. What
    /// staff open for such a person is theirs to see.
    public var isVouchedFor: Bool { !needsProof }

    /// Whether whoever signs in as them is known to read the mail of their address: only then is theirs what came from it.
    public var ownsAddress: Bool { origin == .account && isVerified && !needsProof }
}

/// Somebody as others see them on a ticket or a comment.
public struct Party: Sendable, Equatable {
    public var id: Person.ID
    public var name: String
    public var email: String?
    public var role: Role

    public init(id: Person.ID, name: String, email: String?, role: Role) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
    }
}

/// How a caller names somebody: by id, or by username or address.
public enum PersonName: Hashable, Sendable {
    case id(Person.ID)
    /// With an `@` in it an address, without one a username.
    case text(String)
}
