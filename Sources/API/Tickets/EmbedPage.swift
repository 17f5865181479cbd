internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// The page behind an embed's link: the four facts and nothing else. It loads nothing and runs nothing.
struct EmbedPage {
    private let facts: EmbedView

    init(_ facts: EmbedView) { self.facts = facts }

    var response: Response {
        Response(
            .ok, type: .html, body: .bytes(Array(html.utf8)),
            fields: [
                .init("content-security-policy", Self.policy.text), .init("referrer-policy", "no-referrer"),
                .init("cache-control", "no-cache"), .init("vary", "accept, authorization"), .init("x-robots-tag", "noindex"),
            ])
    }

    private static let style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}dt{opacity:.7}dd{margin:0 0 1rem}"

    /// Nothing but this one text of style.
    private static let policy = PagePolicy("style-src 'sha256-\(Base64.encode(SHA256.digest(Array(style.utf8))))'")

    private var html: String {
        let time = Timestamp(milliseconds: Int64(facts.updatedAt.milliseconds)).description
        let subject = facts.subject.escapedForHTML
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(subject)</title>
            <style>\(Self.style)</style>
            <main>
            <h1>\(subject)</h1>
            <dl>
            <dt>Status</dt><dd>\(facts.status)</dd>
            <dt>Last update</dt><dd><time datetime="\(time)">\(time)</time></dd>
            <dt>Link</dt><dd><a href="\(facts.link.escapedForHTML)">\(facts.link.escapedForHTML)</a></dd>
            </dl>
            </main>
            </html>

            """
    }
}

extension String {
    /// The text as it may stand in HTML, in a quoted attribute too.
    var escapedForHTML: String {
        var out = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension Request {
    /// Whether a page will do: it is asked for by name, or nothing is, or anything.
    var takesPage: Bool {
        withField(.accept) { accepted in
            if accepted.containsIgnoringCase("text/html") { return true }
            let takesAny = accepted.containsIgnoringCase("*/*") || accepted.containsIgnoringCase("text/*")
            return takesAny && !accepted.containsIgnoringCase("json")
        } ?? true
    }
}
