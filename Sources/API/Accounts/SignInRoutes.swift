internal import Codec
internal import Domain
public import HTTP
public import Helpdesk

/// `/auth`: how somebody comes to be known.
public enum SignInRoutes {
    public static func declare(in routes: inout Routes, of desk: Desk, _ limits: SignInLimits) {
        declareEntry(in: &routes, desk, limits)
        declareTokens(in: &routes, desk, limits)
    }

    private static func declareEntry(in routes: inout Routes, _ desk: Desk, _ limits: SignInLimits) {
        routes.on(
            .post, "/auth/register", .signingIn, "Gives somebody an account, and signs them in", takes: NewAccount.self,
            gives: .created(SignInView.self)
        ) { call in
            try await limits.count(account: call.body.registration.email, call.request)
            let caller = call.request.identity as? Caller
            return SignInView(
                try await desk.register(call.body.registration, as: caller, from: Client(call.request)), isNew: true)
        }
        routes.alsoRefuses(with: .forbidden)
        routes.on(
            .post, "/auth/login", .signingIn, "Signs somebody in by address or username", takes: Credentials.self,
            gives: .ok(SignInView.self)
        ) { call in
            try await limits.count(account: call.body.name, call.request)
            return SignInView(try await desk.signIn(call.body, from: Client(call.request)))
        }
        routes.form(
            .post, "/auth/token", .signingIn, "Signs somebody in by a form, as OAuth 2 has it", takes: PasswordGrant.self,
            gives: .ok(TokenPair.self), unknown: .ignored
        ) { call in
            try await limits.count(account: call.body.credentials.name, call.request)
            return TokenPair(try await desk.signIn(call.body.credentials, from: Client(call.request)))
        }
    }

    private static func declareTokens(in routes: inout Routes, _ desk: Desk, _ limits: SignInLimits) {
        routes.on(
            .post, "/auth/refresh", .signingIn, "Gives a new pair of tokens for a refresh token, which is dead from then on",
            takes: RefreshToken.self, gives: .ok(TokenPair.self)
        ) { call in
            TokenPair(try await desk.refresh(call.body.token))
        }
        routes.on(
            .post, "/auth/logout", .signingIn, "Signs out: the refresh token and the access tokens beside it are dead",
            takes: RefreshToken.self, gives: .ok(Said.self)
        ) { call in
            try await desk.signOut(call.body.token)
            return Said("Successfully logged out")
        }
    }
}

extension Desk {
    func signIn(_ credentials: Credentials, from client: Client) async throws -> SignIn {
        try await signIn(credentials.name, password: credentials.password, code: credentials.code, from: client)
    }
}

extension Client {
    init(_ request: Request) { self.init(address: request.addressText, userAgent: request[.userAgent] ?? "") }
}

/// What it takes to register.
struct NewAccount: Shaped {
    var registration = Registration()

    static let shape = Shape("NewAccount", "What it takes to register", NewAccount()) {
        Field("email", \.registration.email, .emailAddress, "Address")
        Field("password", \.registration.password, .text(Password.length), "Password")
        Field("first_name", \.registration.firstName, .oneLine(1...100), "First name")
        Field("last_name", \.registration.lastName, .oneLine(1...100), "Last name")
        Field("username", \.registration.username, Kind<String>.username.optional, "To sign in with too; default: the local part")
        Field("role", \.registration.role, Kind<Role>.word(Role.self).optional, "For an admin who adds staff; everybody else is a customer")
    }
}

/// What somebody signs in with.
struct Credentials: Shaped {
    var name = ""
    var password = ""
    var code: String?

    static let shape = Shape("Credentials", "What somebody signs in with", Credentials()) { fields }

    static let fields: [Field<Credentials>] = [
        Field("email", \.name, .text(1...320), "Address or username", also: ["username"]),
        Field("password", \.password, .text(1...256), "Password"),
        Field("totp", \.code, Kind<String>.text(1...64).optional, "A code of the authenticator app, or a recovery code"),
    ]
}

/// The same as OAuth 2's password grant has it (RFC 6749, 4.3). Its other fields say nothing to us.
struct PasswordGrant: Shaped {
    var credentials = Credentials()

    static let shape = Shape("PasswordGrant", "OAuth 2's form of signing in", PasswordGrant()) {
        Field("username", \.credentials.name, .text(1...320), "Address or username")
        Field("password", \.credentials.password, .text(1...256), "Password")
        Field("totp", \.credentials.code, Kind<String>.text(1...64).optional, "A code of the authenticator app, or a recovery code")
    }
}

struct RefreshToken: Shaped {
    var token = ""

    static let shape = Shape("RefreshToken", "A refresh token", RefreshToken()) {
        Field("refresh_token", \.token, .text(1...1024), "As it was given")
    }
}

/// One sentence, where there is no object to answer with.
struct Said: Shaped {
    var message = ""

    init(_ message: String) { self.message = message }

    static let shape = Shape("Said", "What was done", Said("")) {
        Field("message", \.message, .text(0...255), "One sentence for people")
    }
}
