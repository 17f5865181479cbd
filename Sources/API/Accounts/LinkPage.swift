internal import Codec
internal import HTTP
internal import Helpdesk

/// A page that a mailed or printed link opens: what it is about, a form, and a button. It loads nothing and runs no script, so it works
/// in every browser and mail program; and it does nothing before the button is pressed, since mail filters open links too.
struct LinkPage {
    let purpose: LinkPurpose
    let title: StaticString
    let sentence: StaticString
    var inputs: [Input] = []
    let button: StaticString
    let done: StaticString

    /// What somebody fills in.
    struct Input {
        /// As the form's shape calls it.
        let name: StaticString
        let label: StaticString
        /// The rest of its attributes.
        let attributes: StaticString
    }

    static let setUp = LinkPage(
        purpose: .setUp, title: "Set up Martlet", sentence: "There is no admin yet. Fill this in, and it is you.",
        inputs: [
            Input(name: "first_name", label: "First name", attributes: #"autocomplete="given-name" maxlength="100""#),
            Input(name: "last_name", label: "Last name", attributes: #"autocomplete="family-name" maxlength="100""#),
            Input(name: "email", label: "E-mail address", attributes: #"type="email" autocomplete="username" maxlength="320""#),
            .newPassword,
        ], button: "Become the admin", done: "You are the admin now. Sign in with the address and password that you gave.")

    static let reset = LinkPage(
        purpose: .reset, title: "Set a new password", sentence: "All your sign-ins end with it.", inputs: [.newPassword],
        button: "Set the password", done: "The new password counts from now on. Sign in with it.")

    static let verify = LinkPage(
        purpose: .verify, title: "Is this address yours?", sentence: "What you asked from it before becomes part of your account.",
        button: "Yes, it is mine", done: "Thank you: the address is yours.")
}

extension LinkPage.Input {
    static let newPassword = LinkPage.Input(
        name: "password", label: "New password, 8 to 256 characters",
        attributes: #"type="password" autocomplete="new-password" minlength="8" maxlength="256""#)
}

extension LinkPage {
    /// The page with its form, and what was wrong with what it was sent.
    func form(token: String, refusal: Refusal? = nil) -> Response {
        let rows = inputs.map { input in
            "<p><label>\(input.label)<br><input name=\"\(input.name)\" required \(input.attributes)></label></p>\n"
        }
        let html = """
            <p>\(sentence)</p>
            \(refusal.map(complaint) ?? "")<form method="post">
            <input type="hidden" name="token" value="\(token.escapedForHTML)">
            \(rows.joined())<p><button>\(button)</button></p>
            </form>
            """
        return response(refusal?.status ?? .ok, html, refusal?.fields ?? [])
    }

    /// What stands there when the link opens nothing any more.
    func dead(_ status: Status) -> Response {
        response(status, "<p role=\"alert\">This link was used, or is older than an hour. Please ask for a new one.</p>")
    }

    var success: Response { response(.ok, "<p role=\"status\">\(done)</p>") }

    private func complaint(_ refusal: Refusal) -> String {
        let faults = refusal.faults?.list ?? []
        guard !faults.isEmpty else { return "<p role=\"alert\">\(refusal.message.escapedForHTML)</p>\n" }
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
