/// A form on a page that a mailed link opens, and the button that sends it.
struct LinkForm {
    /// What stands above the form, where a page has two.
    var heading: StaticString?
    let sentence: StaticString
    var inputs: [Input] = []
    let button: StaticString
    /// What the page says once it is done.
    let done: StaticString

    /// What somebody fills in.
    struct Input {
        /// As the form's shape calls it.
        let name: StaticString
        let label: StaticString
        /// The rest of its attributes.
        let attributes: StaticString
    }
}

extension LinkForm.Input {
    static let newPassword = newPassword(named: "password")

    static func newPassword(named name: StaticString) -> LinkForm.Input {
        LinkForm.Input(
            name: name, label: "New password, 8 to 256 characters",
            attributes: #"type="password" autocomplete="new-password" minlength="8" maxlength="256""#)
    }
}

extension LinkForm {
    func html(token: String) -> String {
        let rows = inputs.map { input in
            "<p><label>\(input.label)<br><input name=\"\(input.name)\" required \(input.attributes)></label></p>\n"
        }
        return """
            \(heading.map { "<h2>\($0)</h2>\n" } ?? "")<p>\(sentence)</p>
            <form method="post">
            <input type="hidden" name="token" value="\(token.escapedForHTML)">
            \(rows.joined())<p><button>\(button)</button></p>
            </form>
            """
    }
}
