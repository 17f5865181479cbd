internal import Codec
internal import HTTP
internal import Helpdesk

/// A page that a mailed or printed link opens: what it is about, a form, and a button. It loads nothing and runs no script, so it works
/// in every browser and mail program; and it does nothing before the button is pressed, since mail filters open links too.
struct LinkPage {
    let purpose: LinkPurpose
    let title: StaticString
    let form: LinkForm
    /// A second form, for who would do something else.
    var alternative: LinkForm?

    static let setUp = LinkPage(
        purpose: .setUp, title: "Set up Martlet",
        form: LinkForm(
            sentence: "There is no admin yet. Fill this in, and it is you.",
            inputs: [
                .init(name: "first_name", label: "First name", attributes: #"autocomplete="given-name" maxlength="100""#),
                .init(name: "last_name", label: "Last name", attributes: #"autocomplete="family-name" maxlength="100""#),
                .init(name: "email", label: "E-mail address", attributes: #"type="email" autocomplete="username" maxlength="320""#),
                .newPassword,
            ], button: "Become the admin", done: "You are the admin now. Sign in with the address and password that you gave."))

    static let reset = LinkPage(
        purpose: .reset, title: "Set a new password",
        form: LinkForm(
            sentence: "All your sign-ins and API keys end with it.", inputs: [.newPassword], button: "Set the password",
            done: "The new password counts from now on. Sign in with it."))

    static let verify = LinkPage(
        purpose: .verify, title: "Did you register here?",
        form: LinkForm(
            sentence: "Then confirm it with the password that you chose. What this address asked before becomes part of your account.",
            inputs: [
                .init(
                    name: "password", label: "Your password",
                    attributes: #"type="password" autocomplete="current-password" maxlength="256""#)
            ], button: "Yes, this is my account", done: "Thank you: the address is yours."),
        alternative: LinkForm(
            heading: "It was not me",
            sentence:
                "Somebody else may have registered with your address. Set a password of your own: the account is yours then, and the person who registered it is shut out. If you do nothing, that person gets nothing of yours.",
            inputs: [.newPassword(named: "new_password")], button: "Set my own password",
            done: "The account is yours. Sign in with your address and the new password."))
}

extension LinkPage {
    /// The page with its forms, and what was wrong with what it was sent.
    func form(token: String, refusal: Refusal? = nil) -> Response {
        let forms = ([form] + (alternative.map { [$0] } ?? [])).map { $0.html(token: token) }
        return response(refusal?.status ?? .ok, (refusal.map(complaint) ?? "") + forms.joined(separator: "\n"), refusal?.fields ?? [])
    }

    /// What stands there when the link opens nothing any more.
    func dead(_ status: Status) -> Response {
        response(status, "<p role=\"alert\">This link was used, or is older than an hour. Please ask for a new one.</p>")
    }

    func success(_ form: LinkForm) -> Response { response(.ok, "<p role=\"status\">\(form.done)</p>") }

    private func complaint(_ refusal: Refusal) -> String {
        let faults = refusal.faults?.list ?? []
        guard !faults.isEmpty else { return "<p role=\"alert\">\(refusal.message.escapedForHTML)</p>\n" }
        let inputs = form.inputs + (alternative?.inputs ?? [])
        let items = faults.map { fault in
            let label = inputs.first { fault.location.equals($0.name) }?.label.description ?? fault.location
            return "<li>\(label.escapedForHTML): \(fault.message.escapedForHTML)</li>"
        }
        return "<ul role=\"alert\">\(items.joined())</ul>\n"
    }

    private static let style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:4rem auto;padding:0 1rem}input{font:inherit;width:100%}[role=alert]{color:#a00}"

    /// Its own style, and a form that goes nowhere else.
    private static let policy = PagePolicy(
        forms: "'self'", "style-src 'sha256-\(Base64.encode(SHA256.digest(Array(style.utf8))))'")

    private func response(_ status: Status, _ html: String, _ fields: [Response.Field] = []) -> Response {
        let text = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(title)</title>
            <style>\(Self.style)</style>
            <main>
            <h1>\(title)</h1>
            \(html)
            </main>
            </html>

            """
        // The address of the page holds the token: no other site shall be told it, and no cache keep it.
        let own: [Response.Field] = [
            .init("content-security-policy", Self.policy.text), .init("referrer-policy", "no-referrer"), .init("cache-control", "no-store"),
            .init("x-robots-tag", "noindex"),
        ]
        return Response(status, type: .html, body: .bytes(Array(text.utf8)), fields: own + fields)
    }
}
