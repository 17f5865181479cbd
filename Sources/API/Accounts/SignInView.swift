internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What somebody gets who registered or signed in.
struct SignInView: Shaped, WithFields {
    var user: UserView
    var tokens: TokenPair
    var isNew = false

    init(_ signIn: SignIn, isNew: Bool = false) {
        user = UserView(signIn.person)
        tokens = TokenPair(signIn)
        self.isNew = isNew
    }

    private init() {
        user = UserView.shape.empty
        tokens = TokenPair()
    }

    static let shape = Shape("SignIn", "Who signed in, and what they sign in with from now on", SignInView()) {
        Field("user", \.user, UserView.kind, "Who it is")
        Field("access_token", \.tokens.access, .text(0...4096), "To bring with each request, as a bearer token")
        Field("refresh_token", \.tokens.refresh, .text(0...128), "Gives the next pair of tokens, once")
        Field("token_type", from: { _ in "bearer" }, .text(0...6), "Always `bearer`")
        Field("expires_in", \.tokens.expiresIn, .integer(0...Int.max), "Seconds that the access token lives")
        Field("token", from: { $0.tokens.access }, .text(0...4096), "The access token again, under a name that older clients know")
    }

    var fields: [Response.Field] {
        isNew ? [.noStore, .init("location", "/users/\(user.person.id.text)")] : [.noStore]
    }
}

/// A pair of tokens, as OAuth 2 names them.
struct TokenPair: Shaped, WithFields {
    var access = ""
    var refresh = ""
    var expiresIn = 0

    init() {}

    init(_ signIn: SignIn) {
        (access, refresh, expiresIn) = (signIn.accessToken, signIn.refreshToken, signIn.expiresIn)
    }

    static let shape = Shape("TokenPair", "What to sign in with from now on", TokenPair()) {
        Field("access_token", \.access, .text(0...4096), "To bring with each request, as a bearer token")
        Field("token_type", from: { _ in "bearer" }, .text(0...6), "Always `bearer`")
        Field("expires_in", \.expiresIn, .integer(0...Int.max), "Seconds that the access token lives")
        Field("refresh_token", \.refresh, .text(0...128), "Gives the next pair of tokens, once")
    }

    var fields: [Response.Field] { [.noStore] }
}

extension Response.Field {
    /// For answers that show a secret (RFC 6749, 5.1).
    static let noStore = Response.Field("cache-control", "no-store")
}
