internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/help/articles/{slug}`: a published article, and what its reader thinks of it.
enum HelpArticlePage {
    static func answer(_ request: Request, _ desk: Desk) async throws -> Response {
        let home = desk.rules.publicURL
        guard let article = try await article(request, desk) else {
            return HelpPage.missing(request.path).response(.notFound, at: home, to: request)
        }
        let asked: String = try request.pathValues.slug
        if !asked.hasSameBytes(as: article.slug) {
            let there = Response.Field("location", HelpPage.path(ofArticle: article.slug))
            return Response(.movedPermanently, fields: [there, .init("cache-control", "no-cache")])
        }
        let hasVoted = try request.readQuery(as: VoteNote.self, unknown: .ignored).voted
        let html = try await desk.html(of: article, Markdown(keepsLines: false, namesHeadings: true, headingShift: 1))
        let page = page(article, html, hasVoted: hasVoted, at: home).response(at: home, to: request)
        if request.isReading, !hasVoted { desk.countView(of: article) }
        return page
    }

    /// Counts a reader's vote, and shows the article again. Only our own page may send it: a form elsewhere could have anybody vote who
    /// comes by.
    static func vote(_ request: Request, _ sent: Result<VoteForm, Refusal>, _ desk: Desk) async throws -> Response {
        let home = desk.rules.publicURL
        let form: VoteForm
        do {
            guard request.comesFromOurPages(at: home) else { throw Refusal.forbidden("This form is for our own pages.") }
            form = try sent.get()
        } catch let refusal as Refusal {
            return HelpPage.refused(refusal, request.path).response(refusal.status, at: home, to: request)
        }
        guard let article = try await article(request, desk) else {
            return HelpPage.missing(request.path).response(.notFound, at: home, to: request)
        }
        if let caller = request.knownCaller {
            try await desk.write { work in try await work.vote(on: .id(article.id), isHelpful: form.isHelpful, as: caller) }
        } else {
            _ = try await desk.vote(on: .id(article.id), isHelpful: form.isHelpful, by: AnonymousVoter(request))
        }
        let path = "\(HelpPage.path(ofArticle: article.slug))?voted=true#helped"
        return Response(.seeOther, fields: [.init("location", path), .init("cache-control", "no-store")])
    }

    /// The published article that the path names; nil when there is none. Ids are for programs.
    private static func article(_ request: Request, _ desk: Desk) async throws -> Article? {
        let slug: String = try request.pathValues.slug
        guard case .slug(let slug)? = ArticleName(path: slug) else { return nil }
        do {
            return try await desk.read(for: request.asker) { look in try await look.article(.slug(slug), as: nil) }
        } catch DeskError.notFound {
            return nil
        }
    }

    private static func page(_ article: Article, _ html: String, hasVoted: Bool, at home: String) -> HelpPage {
        let path = HelpPage.path(ofArticle: article.slug)
        let shelf = article.category.map { [($0, HelpPage.path(ofCategory: article.categorySlug))] } ?? []
        let tags = article.tags.map { "<li>\($0.escapedForHTML)</li>" }.joined()
        return HelpPage(
            title: article.title, summary: Markdown.summary(of: article.content, atMost: 155), path: path,
            head: data(article, "\(home)\(path)"), trail: shelf + [(article.title, "")],
            main: """
                <article>
                <h1>\(article.title.escapedForHTML)</h1>
                <p class="meta">Last updated \(HelpPage.day(article.updatedAt))</p>
                <div class="text">
                \(html)
                </div>
                \(tags.isEmpty ? "" : "<ul class=\"tags\" aria-label=\"Tags\">\(tags)</ul>\n")</article>
                \(question(path, hasVoted: hasVoted))
                """, isArticle: true)
    }

    private static func question(_ path: String, hasVoted: Bool) -> String {
        if hasVoted { return "<section class=\"helped\" id=\"helped\"><p role=\"status\">Thank you for telling us.</p></section>" }
        return """
            <section class="helped" id="helped" aria-labelledby="helped-question">
            <h2 id="helped-question">Was this article helpful?</h2>
            <form method="post" action="\(path.escapedForHTML)/vote">
            <button class="quiet" name="helpful" value="true">Yes</button>
            <button class="quiet" name="helpful" value="false">No</button>
            </form>
            </section>
            """
    }

    /// What search engines read of it (schema.org). It is data and no script, so the page's policy has nothing against it; `<` is written so
    /// that nothing in it can end the element.
    private static func data(_ article: Article, _ address: String) -> String {
        let time = { (moment: Moment) in JSONValue.text(Timestamp(milliseconds: Int64(moment.milliseconds)).description) }
        let value = JSONValue.object([
            .init("@context", .text("https://schema.org")), .init("@type", .text("TechArticle")), .init("headline", .text(article.title)),
            .init("datePublished", time(article.createdAt)), .init("dateModified", time(article.updatedAt)), .init("url", .text(address)),
        ])
        var text = ""
        for scalar in String(decoding: value.bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "<": text += "\\u003c"
            case ">": text += "\\u003e"
            case "&": text += "\\u0026"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return "<script type=\"application/ld+json\">\(text)</script>\n"
    }
}

/// What the form below an article sends.
struct VoteForm: Shaped {
    var isHelpful = false

    static let shape = Shape("VoteForm", "Whether an article helped", VoteForm()) {
        Field("helpful", \.isHelpful, .boolean, "Whether it did")
    }
}

private struct VoteNote: Shaped {
    var voted = false

    static let shape = Shape("VoteNote", "Whether the reader has just voted", VoteNote()) {
        Field("voted", \.voted, .boolean, "Whether they have", required: false)
    }
}

extension Request {
    /// Whether a form comes from a page of ours, as far as the browser tells: from our origin, or from who is no browser.
    fileprivate func comesFromOurPages(at home: String) -> Bool {
        if let site = self["sec-fetch-site"] { return site.equals("same-origin") }
        guard let origin = self["origin"] else { return true }
        let host = self["host"] ?? ""
        return origin.lowercased().hasSameBytes(as: home.lowercased()) || origin.hasSameBytes(as: "http://\(host)")
            || origin.hasSameBytes(as: "https://\(host)")
    }
}
