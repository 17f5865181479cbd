internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// Somebody with an account, as they and the staff see them.
struct UserView: Shaped, WithFields {
    var person: Person
    /// Only for the person themselves, and left out where they set none.
    var locale: String?
    var timeZone: String?
    /// Whether they were added just now, so that the answer says where they are.
    var isNew = false

    init(_ person: Person) { self.person = person }

    /// As the person themselves sees it.
    init(own person: Person) {
        self.person = person
        (locale, timeZone) = (person.locale, person.timeZone)
    }

    private static let blank = Person(
        id: Person.ID(0), origin: .account, email: nil, username: nil, firstName: "", lastName: "", name: "", role: .customer,
        supportRole: .general, isActive: true, isAvailable: true, isVerified: false, locale: nil, timeZone: nil, createdAt: Moment(0),
        updatedAt: Moment(0), revision: 0)

    static let shape = Shape("User", "Somebody with an account", UserView(blank)) {
        Field("id", \.person.id, .id(Person.self), "Id")
        Field("email", \.person.email, Kind<String>.text(1...320).optional, "Their address")
        Field("username", \.person.username, Kind<String>.text(1...100).optional, "What they may sign in with beside the address")
        Field("first_name", \.person.firstName, .text(0...200), "First name")
        Field("last_name", \.person.lastName, .text(0...200), "Last name")
        Field("name", \.person.name, .text(0...201), "What they are called")
        Field("role", \.person.role, .word(Role.self), "What they are here")
        Field("support_role", \.person.supportRole, .word(SupportRole.self), "The tier they work in")
        Field("is_active", \.person.isActive, .boolean, "Whether they may sign in")
        Field("available", \.person.isAvailable, .boolean, "Whether automatic assignment may choose them")
        Field("email_verified", \.person.isVerified, .boolean, "Whether the address is known to be theirs")
        Field("created_at", \.person.createdAt, .moment, "When they were added")
        Field("updated_at", \.person.updatedAt, .moment, "When anything of this was last changed")
        Field("locale", \.locale, Kind<String>.text(2...35).orAbsent, "Their language; for themselves")
        Field("time_zone", \.timeZone, Kind<String>.text(1...64).orAbsent, "Their time zone; for themselves")
    }

    var fields: [Response.Field] {
        let tag = EntityTag(revision: person.revision, view: "u").field
        return isNew ? [tag, .init("location", "/users/\(person.id.text)")] : [tag]
    }

    /// As a kind of field.
    static var kind: Kind<UserView> { Kind<UserView>.object(UserView.self) }
}
