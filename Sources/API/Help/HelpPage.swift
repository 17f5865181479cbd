internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// A page of the help centre: the frame that all of them share, for people and for search engines. It runs no script.
struct HelpPage {
    /// What stands in the browser's tab, before the help centre's name.
    var title: String?
    /// What search engines show below it.
    var summary = ""
    /// Its path; where it is the same page as another, that one's.
    var path: String
    var isForSearchEngines = true
    /// HTML in the head beside what every page has.
    var head = ""
    /// Where it is, from the help centre down: names and paths.
    var trail: [(name: String, path: String)] = []
    /// HTML of the main part.
    var main: String
    var isArticle = false
    /// What was searched for, to be searched for again in other words.
    var query = ""

    static let name = "Help Centre"

    private static let policy = PagePolicy(forms: "'self'", "style-src 'self'", "img-src 'self' https:")

    func response(_ status: HTTP.Status = .ok, at home: String, to request: Request) -> Response {
        let bytes = Array(html(at: home).utf8)
        var fields: [Response.Field] = [
            .init("content-security-policy", Self.policy.text),  // Not less: a form would be sent without saying where it comes from.
            .init("referrer-policy", "same-origin"),
            .init("cache-control", "no-cache"),
        ]
        if !isForSearchEngines || status != .ok { fields.append(.init("x-robots-tag", "noindex")) }
        if status == .ok { fields.append(.init("etag", "\"\(Hex.encode(SHA256.digest(bytes)[..<8]))\"")) }
        let response = Response(status, type: .html, body: .bytes(bytes), fields: fields)
        return status == .ok ? response.unlessKnown(to: request) : response
    }

    private func html(at home: String) -> String {
        let title = (title.map { "\($0) – \(Self.name)" } ?? Self.name).escapedForHTML
        let address = "\(home)\(path)".escapedForHTML
        let summary = summary.escapedForHTML
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            \(summary.isEmpty ? "" : "<meta name=\"description\" content=\"\(summary)\">\n")\(isForSearchEngines ? "" : "<meta name=\"robots\" content=\"noindex\">\n")<link rel="canonical" href="\(address)">
            <meta property="og:type" content="\(isArticle ? "article" : "website")">
            <meta property="og:site_name" content="\(Self.name)">
            <meta property="og:title" content="\((self.title ?? Self.name).escapedForHTML)">
            <meta property="og:url" content="\(address)">
            \(summary.isEmpty ? "" : "<meta property=\"og:description\" content=\"\(summary)\">\n")<meta name="color-scheme" content="light dark">
            <link rel="icon" href="/assets/docs/martlet.svg" type="image/svg+xml">
            <link rel="stylesheet" href="\(HelpStyle.path)">
            \(head)</head>
            <body>
            <a class="skip" href="#main">Skip to content</a>
            <header class="top">
            <a class="brand" href="/help/">\(Self.name)</a>
            <form class="find" role="search" action="/help/search" method="get">
            <label class="hidden" for="query">Search the help centre</label>
            <input id="query" name="query" type="search" placeholder="Search for answers" value="\(query.escapedForHTML)" required maxlength="200">
            <button>Search</button>
            </form>
            </header>
            \(breadcrumbs)<main id="main" tabindex="-1">
            \(main)
            </main>
            <footer><p><a href="/help/">\(Self.name)</a></p></footer>
            </body>
            </html>

            """
    }

    private var breadcrumbs: String {
        guard !trail.isEmpty else { return "" }
        let items = ([("Help", "/help/")] + trail).map { name, path in
            path.isEmpty
                ? "<li aria-current=\"page\">\(name.escapedForHTML)</li>"
                : "<li><a href=\"\(path.escapedForHTML)\">\(name.escapedForHTML)</a></li>"
        }
        return "<nav class=\"trail\" aria-label=\"Breadcrumb\"><ol>\(items.joined())</ol></nav>\n"
    }
}

extension HelpPage {
    /// What stands where nothing is.
    static func missing(_ path: String) -> HelpPage {
        HelpPage(
            title: "Page not found", path: path, isForSearchEngines: false,
            main: """
                <h1>Page not found</h1>
                <p>There is nothing at this address: it may have been moved or taken away. Search above, or begin at the
                <a href="/help/">help centre</a>.</p>
                """)
    }

    /// What stands where a form was not taken.
    static func refused(_ refusal: Refusal, _ path: String) -> HelpPage {
        HelpPage(
            title: "That did not work", path: path, isForSearchEngines: false,
            main: "<h1>That did not work</h1>\n<p role=\"alert\">\(refusal.message.escapedForHTML)</p>")
    }

    static func path(ofArticle slug: String) -> String { "/help/articles/\(Percent.encode(slug))" }
    static func path(ofCategory slug: String) -> String { "/help/\(Percent.encode(slug))" }

    /// A day as people read it, and as machines do.
    static func day(_ moment: Moment) -> String {
        let time = Timestamp(milliseconds: Int64(moment.milliseconds)).description
        let parts = time.prefix(10).split(separator: "-").compactMap { Int($0) }
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
        ]
        guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return time }
        return "<time datetime=\"\(time)\">\(parts[2]) \(months[parts[1] - 1]) \(parts[0])</time>"
    }
}
