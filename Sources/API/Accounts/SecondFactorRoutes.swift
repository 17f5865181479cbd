internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/me/totp`: a code of an authenticator app beside the password. Six digits are few, so tries are as rare as those of a sign-in.
public enum SecondFactorRoutes {
    public static func declare(in desk: inout DeskRoutes, _ limits: SignInLimits) {
        desk.change(
            .post, "/me/totp", .signedIn, "Makes a secret for an authenticator app; it counts once a code of it was given",
            gives: .ok(SecondFactorView.self), showsSecret: true
        ) { ask, work in
            SecondFactorView(try await work.beginSecondFactor(as: ask.caller))
        }
        desk.change(
            .post, "/me/totp/confirm", .signedIn, "Turns the second factor on with a first code, and shows the recovery codes this once",
            query: Nothing.self, takes: OneTimeCode.self, gives: .ok(RecoveryCodes.self), showsSecret: true,
            preparing: { ask, request in try await limits.count(person: ask.caller.id, request) }
        ) { ask, _, work in
            RecoveryCodes(codes: try await work.confirmSecondFactor(ask.body.code, as: ask.caller))
        }
        desk.change(
            .delete, "/me/totp", .signedIn, "Turns the second factor off, with a code or a recovery code", query: Nothing.self,
            takes: OneTimeCode.self, gives: .noContent,
            preparing: { ask, request in try await limits.count(person: ask.caller.id, request) }
        ) { ask, _, work in
            try await work.endSecondFactor(ask.body.code, as: ask.caller)
            return Nothing()
        }
    }
}

struct SecondFactorView: Shaped, WithFields {
    var secret = ""
    var uri = ""

    init(_ secret: SecondFactorSecret) { (self.secret, uri) = (secret.text, secret.uri) }

    private init() {}

    static let shape = Shape("SecondFactor", "What an authenticator app needs to know", SecondFactorView()) {
        Field("secret", \.secret, .text(0...100), "The secret in Base32, to be typed")
        Field("uri", \.uri, .text(0...2000), "The same as an `otpauth:` address, to be shown as a QR code")
    }

    var fields: [Response.Field] { [.noStore] }
}

struct OneTimeCode: Shaped {
    var code = ""

    static let shape = Shape("OneTimeCode", "A code", OneTimeCode()) {
        Field("code", \.code, .text(1...64), "What the authenticator app shows; where a second factor is on, a recovery code too")
    }
}

struct RecoveryCodes: Shaped, WithFields {
    var codes: [String] = []

    static let shape = Shape("RecoveryCodes", "Codes for the day the app is lost", RecoveryCodes()) {
        Field("recovery_codes", \.codes, .list(of: .text(1...64), atMost: 10), "Each signs in once in place of a code of the app")
    }

    var fields: [Response.Field] { [.noStore] }
}
