internal import Codec
internal import Domain
public import HTTP
public import Helpdesk

/// `/auth`: what is done with a link that was mailed, and once at the beginning with one that was printed.
public enum MailedLinkRoutes {
    public static func declare(in routes: inout Routes, of desk: Desk, _ limits: SignInLimits) {
        routes.on(
            .post, "/auth/password/forgot", .signingIn, "Mails a link to set a new password with, if the address is known",
            takes: Address.self, gives: .accepted(Said.self)
        ) { call in
            try await limits.count(account: call.body.email, call.request)
            try await desk.mailPasswordLink(to: call.body.email)
            return Said("If there is an account with this address, a mail is on its way")
        }
        routes.on(
            .post, "/auth/password/reset", .signingIn, "Sets a new password by a mailed link, and ends all sign-ins and API keys",
            takes: PasswordReset.self, gives: .noContent
        ) { call in
            try await desk.resetPassword(with: call.body.token, to: call.body.password)
            return Nothing()
        }
        routes.on(
            .post, "/auth/verify", .signingIn,
            "Shows by a mailed link that the address is one's own, or gives the account to who has it and did not register",
            takes: AddressVerification.self, gives: .noContent
        ) { call in
            try await call.body.carryOut(at: desk, as: call.request.knownCaller)
            return Nothing()
        }
        routes.on(
            .post, "/auth/setup", .signingIn, "Makes the first admin, by the link that the first start printed", takes: SetUp.self,
            gives: .created(SignInView.self)
        ) { call in
            try await limits.count(account: call.body.registration.email, call.request)
            let signIn = try await desk.setUp(
                with: call.body.token, call.body.registration, from: Client(call.request))
            return SignInView(signIn, isNew: true)
        }
    }
}

struct Address: Shaped {
    var email = ""

    static let shape = Shape("Address", "An e-mail address", Address()) {
        Field("email", \.email, .emailAddress, "Address")
    }
}

/// What somebody says about an address that was registered: that it is theirs, and that the account is, or that it is not.
struct AddressVerification: Shaped {
    var token = ""
    var password: String?
    var newPassword: String?

    static let shape = Shape("AddressVerification", "Whether a registered address is one's own", AddressVerification()) {
        Field("token", \.token, .text(1...256), "As it stands in the link")
        Field(
            "password", \.password, Kind<String>.text(1...256).orAbsent,
            "The account's password. With it, or signed in, the tickets that the address opened before join the account")
        Field(
            "new_password", \.newPassword, Kind<String>.text(Password.length).orAbsent,
            "For who did not register: a password that takes the account over, and ends all that was set up on it")
    }

    func carryOut(at desk: Desk, as caller: Caller?) async throws {
        switch (newPassword, password) {
        case (.none, _): try await desk.verifyAddress(with: token, password: password, as: caller)
        case (let newPassword?, .none): try await desk.resetPassword(with: token, to: newPassword, by: .verify)
        case (.some, .some):
            throw DeskError.invalid([InvalidField("new_password", "value_error", "It comes without the present password")])
        }
    }
}

struct PasswordReset: Shaped {
    var token = ""
    var password = ""

    static let shape = Shape("PasswordReset", "A new password, by a mailed link", PasswordReset()) {
        Field("token", \.token, .text(1...256), "As it stands in the link")
        Field("password", \.password, .text(Password.length), "The new password")
    }
}

struct SetUp: Shaped {
    var token = ""
    var registration = Registration()

    static let shape = Shape("SetUp", "The first admin, by the link that the first start printed", SetUp()) {
        Field("token", \.token, .text(1...256), "As it stands in the link")
        Field("email", \.registration.email, .emailAddress, "Address")
        Field("password", \.registration.password, .text(Password.length), "Password")
        Field("first_name", \.registration.firstName, .oneLine(1...100), "First name")
        Field("last_name", \.registration.lastName, .oneLine(1...100), "Last name")
    }
}
