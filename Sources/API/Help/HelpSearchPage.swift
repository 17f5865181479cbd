internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/help/search?query=`: the published articles that hold some words, the best first, each with the place where it holds them.
///
/// The staff find no drafts here, as on the other help pages.
enum HelpSearchPage {
    private static let pageLength = 20
    private static let lastPage = 50

    static func answer(_ request: Request, _ desk: Desk) async throws -> Response {
        let home = desk.rules.publicURL
        let asked = try request.readQuery(as: HelpSearch.self, unknown: .ignored)
        do {
            return page(asked, try await articles(asked, desk, for: request.asker)).response(at: home, to: request)
        } catch DeskError.invalid(let faults) {
            return page(asked.query, faults).response(.badRequest, at: home, to: request)
        }
    }

    private static func articles(_ asked: HelpSearch, _ desk: Desk, for asker: Asker) async throws -> Slice<FoundArticle> {
        let query = try SearchQuery(asked.query, at: "query")
        if query.isEmpty { return Slice(items: []) }
        var wanted = SliceRequest()
        (wanted.offset, wanted.limit) = ((asked.page - 1) * pageLength, pageLength)
        let slice = wanted
        return try await desk.search(for: asker) { look in
            try await look.articles(query, at: "query", ArticleSearchFilter(), slice, as: nil)
        }
    }

    private static func page(_ asked: HelpSearch, _ found: Slice<FoundArticle>) -> HelpPage {
        let rows = found.items.map { found in
            let path = HelpPage.path(ofArticle: found.article.slug).escapedForHTML
            return "<li><a href=\"\(path)\">\(found.article.title.escapedForHTML)</a><br>\(found.snippet.html)</li>"
        }
        let shown =
            !rows.isEmpty
            ? "<ul class=\"entries\">\n\(rows.joined(separator: "\n"))\n</ul>\n\(pages(asked, goesOn: found.next != nil))"
            : asked.query.isEmpty
                ? "<p class=\"lead\">Type above what you look for.</p>"
                : """
                <p class="lead" role="status">Nothing was found for “\(asked.query.escapedForHTML)”. Try fewer or other words, or browse the
                <a href="/help/">help centre</a>.</p>
                """
        return page(asked.query, shown)
    }

    /// What could not be understood, in words.
    private static func page(_ query: String, _ faults: [InvalidField]) -> HelpPage {
        page(query, faults.map { "<p role=\"alert\">\($0.message.escapedForHTML)</p>" }.joined(separator: "\n"))
    }

    private static func page(_ query: String, _ shown: String) -> HelpPage {
        HelpPage(
            title: query.isEmpty ? "Search" : "Search for \(query)", path: "/help/search", isForSearchEngines: false,
            trail: [("Search", "")], main: "<h1>Search</h1>\n\(shown)", query: query)
    }

    private static func pages(_ asked: HelpSearch, goesOn: Bool) -> String {
        func path(_ number: Int) -> String { "/help/search?query=\(Percent.encode(asked.query))&amp;page=\(number)" }
        let back = asked.page > 1 ? "<a rel=\"prev\" href=\"\(path(asked.page - 1))\">Previous page</a>" : ""
        let on = goesOn && asked.page < lastPage ? "<a rel=\"next\" href=\"\(path(asked.page + 1))\">Next page</a>" : ""
        return back.isEmpty && on.isEmpty ? "" : "<nav class=\"pages\" aria-label=\"Pages\">\(back)\(on)</nav>"
    }

    private struct HelpSearch: Shaped {
        var query = ""
        var page = 1

        static let shape = Shape("HelpSearch", "What is searched for", HelpSearch()) {
            Field("query", \.query, .text(0...1000), "Words, \"phrases\", -not, category:… and tag:…", required: false)
            Field("page", \.page, .integer(1...lastPage), "From 1", required: false)
        }
    }
}
