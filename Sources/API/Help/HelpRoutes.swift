internal import Codec
internal import Domain
public import HTTP
public import Helpdesk

/// `/help/`: the published articles as pages, for people without an account and for search engines.
public enum HelpRoutes {
    public static func declare(in routes: inout Routes, of desk: Desk) {
        routes.parameter("category", .text(1...200), "A category, as the help centre's addresses have it")
        routes.parameter("slug", .text(1...200), "An article's slug")
        routes.raw(.get, HelpStyle.path, .open, "Gives the help centre's style", gives: .css) { HelpStyle.asset.response(to: $0) }
        routes.raw(.get, "/robots.txt", .open, "Tells search engines what is for them", gives: .plainText) { request in
            let text = """
                User-agent: *
                Allow: /help/
                Allow: /assets/
                Disallow: /
                Sitemap: \(desk.rules.publicURL)/help/sitemap.xml

                """
            return Response.text(.ok, text).adding("cache-control", "max-age=3600")
        }
        routes.raw(.get, "/help/sitemap.xml", .everyone, "Lists all help pages for search engines", gives: .xml) { request in
            try request.refuseQuery()
            return try await sitemap(desk, request)
        }
        routes.raw(.get, "/help", .everyone, "Shows the help centre", gives: .html) { request in
            HelpPage.index(try await desk.helpShelves(for: request.asker)).response(at: desk.rules.publicURL, to: request)
        }
        routes.raw(.get, "/help/search", .everyone, "Searches the published articles", gives: .html) { request in
            try await HelpSearchPage.answer(request, desk)
        }
        routes.raw(.get, "/help/{category}", .everyone, "Shows the articles of a category", gives: .html) { request in
            try await HelpCategoryPage.answer(request, desk)
        }
        routes.raw(.get, "/help/articles/{slug}", .everyone, "Shows an article", gives: .html) { request in
            try await HelpArticlePage.answer(request, desk)
        }
        // To its newest slug.
        routes.alsoGives(.movedPermanently)
        routes.form(
            "/help/articles/{slug}/vote", .everyone, "Takes what a reader thinks of an article", from: VoteForm.self, gives: .html
        ) { request, sent in
            try await HelpArticlePage.vote(request, sent, desk)
        }
        routes.alsoRefuses(with: .forbidden, .notFound)
        routes.alsoGives(.seeOther)
    }

    private static func sitemap(_ desk: Desk, _ request: Request) async throws -> Response {
        let home = desk.rules.publicURL
        var out = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
        out += #"<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">"# + "\n"
        out += "<url><loc>\("\(home)/help/".escapedForHTML)</loc></url>\n"
        for shelf in try await desk.helpShelves(for: request.asker) {
            out += "<url><loc>\("\(home)\(HelpPage.path(ofCategory: shelf.slug))".escapedForHTML)</loc></url>\n"
        }
        for entry in try await desk.helpEntries(for: request.asker) {
            let address = "\(home)\(HelpPage.path(ofArticle: entry.slug))".escapedForHTML
            let day = Timestamp(milliseconds: Int64(entry.updatedAt.milliseconds)).description
            out += "<url><loc>\(address)</loc><lastmod>\(day)</lastmod></url>\n"
        }
        let bytes = Array((out + "</urlset>\n").utf8)
        let tag = "\"\(Hex.encode(SHA256.digest(bytes)[..<8]))\""
        return Response(
            .ok, type: .xml, body: .bytes(bytes), fields: [.init("etag", tag), .init("cache-control", "max-age=300")]
        ).unlessKnown(to: request)
    }
}

extension MediaType {
    fileprivate static var xml: MediaType { MediaType("application/xml; charset=utf-8", isCompressible: true) }
}

extension HelpPage {
    /// The categories, each with its first articles.
    static func index(_ shelves: [HelpShelf]) -> HelpPage {
        let cards = shelves.map { shelf in
            let path = path(ofCategory: shelf.slug).escapedForHTML
            let name = (shelf.name ?? "More articles").escapedForHTML
            let more =
                shelf.count > shelf.first.count
                ? "<p><a href=\"\(path)\">All \(shelf.count) articles<span class=\"hidden\"> on \(name)</span></a></p>" : ""
            return "<li><h2><a href=\"\(path)\">\(name)</a></h2><ul>\(items(shelf.first))</ul>\(more)</li>"
        }
        let shown =
            cards.isEmpty
            ? "<p class=\"lead\">Nothing has been published yet. Please come back later.</p>"
            : "<p class=\"lead\">Browse by topic, or search above.</p>\n<ul class=\"shelves\">\n\(cards.joined(separator: "\n"))\n</ul>"
        return HelpPage(
            summary: "Answers and guides, by topic.", path: "/help/", isForSearchEngines: !cards.isEmpty,
            main: "<h1>How can we help?</h1>\n\(shown)")
    }

    static func items(_ entries: [HelpEntry]) -> String {
        entries.map { "<li><a href=\"\(path(ofArticle: $0.slug).escapedForHTML)\">\($0.title.escapedForHTML)</a></li>" }.joined()
    }
}
