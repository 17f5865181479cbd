internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension CSRRoutes {
    static func declareAccounts(in desk: inout DeskRoutes, _ limits: SignInLimits) {
        let people = desk.desk
        desk.routes.on(
            .post, "/api/v1/auth/signup", .signingIn, "Gives somebody an account", takes: CSRSignUp.self, gives: .created(CSRUser.self)
        ) { call in
            try await limits.count(account: call.body.registration.email, call.request)
            let signIn = try await people.register(call.body.registration, as: nil, from: Client(call.request))
            return CSRUser(person: signIn.person)
        }
        desk.routes.on(
            .post, "/api/v1/auth/login", .signingIn, "Signs somebody in", takes: CSRCredentials.self, gives: .ok(CSRTokens.self)
        ) { call in
            try await limits.count(account: call.body.credentials.name, call.request)
            return CSRTokens(try await people.signIn(call.body.credentials, from: Client(call.request)))
        }
        desk.routes.on(
            .post, "/api/v1/auth/refresh", .signingIn, "Gives a new pair of tokens for a refresh token, which is dead from then on",
            takes: CSRRefreshToken.self, gives: .ok(CSRTokens.self)
        ) { call in
            CSRTokens(try await people.refresh(call.body.token))
        }
        desk.routes.on(
            .post, "/api/v1/auth/logout", .signingIn, "Signs out: the refresh token and the access tokens beside it are dead",
            takes: CSRRefreshToken.self, gives: .ok(CSRSaid.self)
        ) { call in
            try await people.signOut(call.body.token)
            return CSRSaid(message: "Successfully logged out")
        }
    }
}

/// What somebody signs in with. As ours, but fields that are not known are passed over, as everywhere in this dialect.
struct CSRCredentials: Shaped {
    var credentials = Credentials()

    static let shape = Shape("CSRCredentials", "What somebody signs in with, in the CSR dialect", CSRCredentials()) {
        Field.all(of: \.credentials, Credentials.fields)
    }
}

struct CSRRefreshToken: Shaped {
    var token = ""

    static let shape = Shape("CSRRefreshToken", "A refresh token, in the CSR dialect", CSRRefreshToken()) {
        Field("refresh_token", \.token, .text(1...1024), "As it was given")
    }
}

/// What it takes to sign up. Everybody who does is a user: staff are made by an admin.
struct CSRSignUp: Shaped {
    var registration = Registration()

    static let shape = Shape("CSRSignUp", "What it takes to sign up, in the CSR dialect", CSRSignUp()) {
        Field("email", \.registration.email, .emailAddress, "Address")
        Field("password", \.registration.password, .text(Password.length), "Password")
        Field("full_name", \.registration.fullName, .oneLine(1...200), "What they are called")
    }
}

struct CSRUser: Shaped, WithFields {
    var person: Person

    static let shape = Shape("CSRUser", "An account that was made", CSRUser(person: UserView.shape.empty.person)) {
        Field("id", \.person.id, .id(Person.self), "Id")
        Field("email", \.person.email, Kind<String>.text(1...320).optional, "Address")
        Field("full_name", \.person.name, .text(0...201), "What they are called")
        Field("role", from: { CSRRole($0.person.role) }, .word(CSRRole.self), "What they are here")
    }

    var fields: [Response.Field] { [.init("location", "/users/\(person.id.text)")] }
}

/// What people are, in the words of this dialect.
enum CSRRole: String, CaseIterable, Word {
    case user, csr, admin

    init(_ role: Role) {
        switch role {
        case .guest, .customer: self = .user
        case .agent: self = .csr
        case .admin: self = .admin
        }
    }
}

struct CSRTokens: Shaped, WithFields {
    var tokens = TokenPair()

    init(_ signIn: SignIn) { tokens = TokenPair(signIn) }
    private init() {}

    static let shape = Shape("CSRTokens", "What to sign in with from now on, in the CSR dialect", CSRTokens()) {
        Field("access_token", \.tokens.access, .text(0...4096), "To bring with each request, as a bearer token")
        Field("refresh_token", \.tokens.refresh, .text(0...128), "Gives the next pair of tokens, once")
        Field("token_type", from: { _ in "bearer" }, .text(0...6), "Always `bearer`")
    }

    var fields: [Response.Field] { [.noStore] }
}

struct CSRSaid: Shaped {
    var message = ""

    static let shape = Shape("CSRSaid", "What was done", CSRSaid()) {
        Field("msg", \.message, .text(0...255), "One sentence for people")
    }
}
