public import Domain

/// What somebody gives who wants an account.
public struct Registration: Sendable {
    public var email = ""
    public var password = ""
    public var username: String?
    public var firstName = ""
    public var lastName = ""
    /// What they are called; nil: first and last name.
    public var name: String?
    /// What they ask to be.
    public var role: Role?

    public init() {}

    /// The one name that they give, as it is given; first and last name part at its first blank.
    public var fullName: String {
        get { name ?? "" }
        set {
            name = newValue
            (firstName, lastName) = newValue.splitName
        }
    }
}

extension Desk {
    /// Gives somebody an account and signs them in. They are a customer; staff is only made by an admin, unless `staffIsWelcome`.
    ///
    /// Throws `.invalid` for an address, username or password that is none, `.forbidden` for a role that is not theirs to ask for, and
    /// `.conflict` when the address is known.
    public func register(
        _ registration: Registration, as caller: Caller?, from client: Client, staffIsWelcome: Bool = false
    ) async throws -> SignIn {
        let role = registration.role ?? .customer
        try registration.check(for: role)
        if role.isStaff, !staffIsWelcome, caller?.mayMakeStaff != true { throw DeskError.forbidden("Only an admin makes staff") }
        let hash = try await hash(password: registration.password)
        var draft = PersonDraft(registration, role: role.isStaff ? role : .customer)
        draft.needsProof = caller?.mayMakeStaff != true
        let ready = draft
        return try await write { work in
            let person = try await work.addThemselves(ready, passwordHash: hash)
            try await work.mailLink(.verify, to: person)
            return try await work.beginSession(of: person, from: client)
        }
    }
}

extension Registration {
    /// Throws all that is wrong with it for somebody of that role.
    func check(for role: Role) throws(DeskError) {
        var faults: [InvalidField] = []
        if !EmailAddress.isSane(email) { faults.append(.email) }
        if let fault = username.flatMap({ InvalidField.username($0, for: role) }) { faults.append(fault) }
        faults += InvalidField.names(first: firstName, last: lastName, full: name)
        if !Password.length.contains(password.unicodeScalars.count) { faults.append(.password("password")) }
        if !faults.isEmpty { throw .invalid(faults) }
    }
}

extension PersonDraft {
    init(_ registration: Registration, role: Role, isVerified: Bool = false) {
        self.init()
        email = registration.email
        username = registration.username
        firstName = registration.firstName
        lastName = registration.lastName
        name = registration.name
        self.role = role
        self.isVerified = isVerified
    }
}

extension InvalidField {
    public static let email = InvalidField("email", "value_error", "value is not a valid email address")

    /// A password that is too short or too long.
    public static func password(_ location: String) -> InvalidField {
        let length = Password.length
        return InvalidField(
            location, "password_length", "A password has \(length.lowerBound) to \(length.upperBound) characters")
    }
}
