internal import Codec
internal import Domain
public import HTTP
public import Helpdesk

/// `/setup`, `/reset` and `/verify`: the pages behind the links that we mail and print. They do what `/auth/setup`,
/// `/auth/password/reset` and `/auth/verify` do, for people.
public enum LinkPageRoutes {
    public static func declare(in routes: inout Routes, of desk: Desk, _ limits: SignInLimits) {
        declare(.setUp, "Shows the form for the first admin", "Makes the first admin", SetUp.self, \.token, in: &routes, desk) {
            body, request in
            try await limits.count(account: body.registration.email, request)
            _ = try await desk.setUp(with: body.token, body.registration, from: Client(request))
            return LinkPage.setUp.form
        }
        declare(.reset, "Shows the form for a new password", "Sets a new password", PasswordReset.self, \.token, in: &routes, desk) {
            body, _ in
            try await desk.resetPassword(with: body.token, to: body.password)
            return LinkPage.reset.form
        }
        declare(
            .verify, "Asks whether an address, and the account that was registered with it, is one's own",
            "Notes that it is, or gives the account to who has the address", AddressVerification.self, \.token, in: &routes, desk
        ) { body, _ in
            // By the link alone nobody shows that they registered: `/auth/verify` takes that, and hands nothing over.
            guard body.password != nil || body.newPassword != nil else {
                throw DeskError.invalid([InvalidField("password", "missing", "Field required")])
            }
            try await body.carryOut(at: desk, as: nil)
            return body.newPassword.flatMap { _ in LinkPage.verify.alternative } ?? LinkPage.verify.form
        }
    }

    private static func declare<Body: Shaped>(
        _ page: LinkPage, _ shows: String, _ does: String, _: Body.Type, _ token: any KeyPath<Body, String> & Sendable,
        in routes: inout Routes, _ desk: Desk, _ act: @escaping @Sendable (Body, Request) async throws -> LinkForm
    ) {
        let path = page.purpose.path.description
        routes.raw(.get, path, .open, shows, gives: .html) { request in
            let link = try request.readQuery(as: LinkInAddress.self, unknown: .ignored)
            let purpose = page.purpose
            let isGood = try await desk.read(for: request.asker) { look in try await look.isGood(purpose, token: link.token) }
            return isGood ? page.form(token: link.token) : page.dead(.ok)
        }
        routes.form(path, .signingIn, does, from: Body.self, gives: .html) { request, sent in
            switch sent {
            case .failure(let refusal):
                // What was typed is lost, but the link is still in the address.
                let link = try request.readQuery(as: LinkInAddress.self, unknown: .ignored)
                return page.form(token: link.token, refusal: refusal)
            case .success(let body):
                do {
                    return page.success(try await act(body, request))
                } catch {
                    guard let refusal = error as? Refusal ?? Refusal(desk: error) else { throw error }
                    let isDead = refusal.faults?.list.contains { $0.type == "link_expired" } ?? false
                    return isDead ? page.dead(refusal.status) : page.form(token: body[keyPath: token], refusal: refusal)
                }
            }
        }
    }
}

/// What a link of ours ends with.
private struct LinkInAddress: Shaped {
    var token = ""

    static let shape = Shape("LinkInAddress", "What a link ends with", LinkInAddress()) {
        Field("token", \.token, .text(0...256), "As it stands in the link", required: false)
    }
}
