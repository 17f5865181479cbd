internal import Codec
public import Domain
public import HTTP
internal import Helpdesk

/// `/knowledge-base`: what the staff wrote down for everybody.
public enum ArticleRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.routes.parameter("article", .text(1...200), "An article, by id, slug or earlier slug")
        desk.routes.parameter("version", .integer(1...Int.mostExact), "A version's number")
        declareReading(in: &desk)
        declareWriting(in: &desk)
        ArticleVersionRoutes.declare(in: &desk)
        ArticleVoteRoutes.declare(in: &desk)
    }

    private static func declareReading(in desk: inout DeskRoutes) {
        desk.visitPage(
            "/knowledge-base", "Lists articles, newest first; drafts only for staff", query: ArticleQuery.self, of: ArticleView.self
        ) { visit, slice, look in
            try await look.articles(visit.query.filter, slice, as: visit.caller)
        } show: { article, visit, desk in
            try await ArticleView(article, visit.query.parts, desk)
        }
        desk.visit(
            "/knowledge-base/categories", "Lists the categories that have published articles", query: Nothing.self,
            gives: .ok(CategoryList.self)
        ) { _, _ in
        } finishing: { _, _, request, desk in
            CategoryList(items: try await desk.helpShelves(for: request.asker).compactMap(CategoryView.init))
        }
        desk.visit(
            "/knowledge-base/{article}", "Gives an article; a draft only to staff", query: ArticleParts.self, gives: .ok(ArticleView.self)
        ) { visit, look in
            try await look.article(visit.path.article, as: visit.caller)
        } finishing: { article, visit, request, desk in
            if request.isReading { desk.countView(of: article) }
            return try await ArticleView(article, visit.query.parts, desk)
        }
    }

    private static func declareWriting(in desk: inout DeskRoutes) {
        desk.change(
            .post, "/knowledge-base", .staff, "Writes an article", takes: NewArticle.self, gives: .created(ArticleView.self)
        ) { ask, work in
            var view = ArticleView(try await work.write(ask.body.draft, as: ask.caller))
            view.isNew = true
            return view
        }
        for method in [Method.patch, .put] {
            desk.change(
                method, "/knowledge-base/{article}", .signedIn, "Changes what is given of an article, for staff", takes: ArticleChange.self,
                gives: .ok(ArticleView.self)
            ) { ask, work in
                ArticleView(
                    try await work.change(ask.path.article, ask.body.edit, expecting: ask.expectedRevision, as: ask.caller))
            }
        }
        desk.change(
            .delete, "/knowledge-base/{article}", .signedIn, "Takes an article away with all its versions, for staff", gives: .noContent
        ) { ask, work in
            try await work.delete(ask.path.article, expecting: ask.expectedRevision, as: ask.caller)
            return Nothing()
        }
    }
}

extension ArticleName: PathParameter {
    /// An id, or a slug.
    public init?(path text: String) {
        if let id = Article.ID(path: text) {
            self = .id(id)
        } else if (1...200).contains(text.unicodeScalars.count), !text.unicodeScalars.contains("\0") {
            self = .slug(text.lowercased())
        } else {
            return nil
        }
    }
}

extension Request {
    /// Whether somebody reads what they ask for: not who asks for the head alone, looks ahead, or gathers pages for a search engine.
    var isReading: Bool {
        guard method == .get else { return false }
        let purposes: [StaticString] = ["sec-purpose", "purpose", "x-moz"]
        if purposes.contains(where: { self[$0]?.containsIgnoringCase("prefetch") == true }) { return false }
        let robots: [StaticString] = ["bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "monitor"]
        return withField(.userAgent) { agent in !robots.contains(where: agent.containsIgnoringCase) } ?? true
    }
}
