internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension ClassicRoutes {
    static func declareAccounts(in desk: inout DeskRoutes, _ limits: SignInLimits) {
        let people = desk.desk
        desk.routes.on(
            .post, "/register", .signingIn, "Gives somebody an account", takes: ClassicRegistration.self,
            gives: .created(ClassicRegistered.self)
        ) { call in
            try await limits.count(account: call.body.registration.email, call.request)
            let signIn = try await people.register(
                call.body.registration, as: call.request.identity as? Caller, from: Client(call.request),
                staffIsWelcome: people.rules.allowsStaffRegistration)
            return ClassicRegistered(person: signIn.person.id, role: signIn.person.role)
        }
        desk.routes.alsoRefuses(with: .forbidden)
        desk.routes.on(
            .post, "/login", .signingIn, "Signs somebody in", takes: ClassicCredentials.self, gives: .ok(ClassicSignIn.self)
        ) { call in
            try await limits.count(account: call.body.name, call.request)
            let signIn = try await people.signIn(call.body.name, password: call.body.password, from: Client(call.request))
            return ClassicSignIn(token: signIn.accessToken, role: signIn.person.role)
        }
    }
}

struct ClassicRegistration: Shaped {
    var registration = Helpdesk.Registration()

    static let shape = Shape("ClassicRegistration", "What it takes to register, in the Classic dialect", ClassicRegistration()) {
        Field("username", \.registration.fullName, .oneLine(1...200), "What they are called")
        Field("email", \.registration.email, .emailAddress, "Address")
        Field("password", \.registration.password, .text(Password.length), "Password")
        Field("role", \.registration.role, Kind<Role>.word(Role.self).optional, "For an admin who adds staff")
    }
}

struct ClassicRegistered: Shaped {
    var person = Person.ID(0)
    var role = Role.customer

    static let shape = Shape("ClassicRegistered", "An account that was made", ClassicRegistered()) {
        Field("message", from: { _ in "User registered successfully" }, .text(1...100), "One sentence for people")
        Field("user_id", \.person, .id(Person.self), "Id")
        Field("role", \.role, .word(Role.self), "What they are here")
    }
}

struct ClassicCredentials: Shaped {
    var name = ""
    var password = ""

    static let shape = Shape("ClassicCredentials", "What somebody signs in with", ClassicCredentials()) {
        Field("email", \.name, .text(1...320), "Address")
        Field("password", \.password, .text(1...256), "Password")
    }
}

struct ClassicSignIn: Shaped, WithFields {
    var token = ""
    var role = Role.customer

    static let shape = Shape("ClassicSignIn", "What somebody gets who signed in", ClassicSignIn()) {
        Field("token", \.token, .text(1...4096), "An access token")
        Field("role", \.role, .word(Role.self), "What they are here")
    }

    var fields: [Response.Field] { [.noStore] }
}
