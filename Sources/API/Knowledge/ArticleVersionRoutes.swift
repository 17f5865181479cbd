internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/knowledge-base/{article}/versions`: what an article said before, for staff.
enum ArticleVersionRoutes {
    static func declare(in desk: inout DeskRoutes) {
        desk.page(
            "/knowledge-base/{article}/versions", .staff, "Lists an article's versions, newest first", query: PageQuery.self,
            of: ArticleVersionView.self
        ) { ask, slice, look in
            try await look.versions(of: ask.path.article, slice, as: ask.caller)
        } show: { version, _ in
            ArticleVersionView(version)
        }
        desk.read(
            "/knowledge-base/{article}/versions/{version}", .staff, "Gives what an article said at a revision",
            gives: .ok(ArticleVersionView.self)
        ) { ask, look in
            ArticleVersionView(try await look.version(ask.path.version, of: ask.path.article, as: ask.caller))
        }
        desk.change(
            .post, "/knowledge-base/{article}/versions/{version}/restore", .staff, "Has an article say again what it said then",
            gives: .ok(ArticleView.self)
        ) { ask, work in
            ArticleView(
                try await work.restore(ask.path.version, of: ask.path.article, expecting: ask.expectedRevision, as: ask.caller))
        }
    }
}

/// What an article said once.
struct ArticleVersionView: Shaped, PageItem {
    var version: ArticleVersion

    init(_ version: ArticleVersion) { self.version = version }

    private static let blank = ArticleVersion(
        article: Article.ID(0), number: 0, title: "", content: "", category: nil, tags: [], isPublished: false, editor: PartyView.nobody,
        createdAt: Moment(0))

    static let shape = Shape("ArticleVersion", "What an article said once", ArticleVersionView(blank)) {
        Field("article_id", \.version.article, .id(Article.self), "The article")
        Field("number", \.version.number, .integer(1...Int.max), "The revision that it was")
        Field("title", \.version.title, .text(1...255), "What it was about")
        Field("content", \.version.content, .text(1...65_536), "The text, in Markdown")
        Field("category", \.version.category, .text(1...100).optional, "Where it belonged")
        Field("tags", \.version.tags, .list(of: .text(1...50), atMost: 20), "Words to find it by")
        Field("is_published", \.version.isPublished, .boolean, "Whether it was for everybody")
        Field("editor", \.version.editor, AuthorView.kind, "Who made it")
        Field("created_at", \.version.createdAt, .moment, "When it was made")
    }

    static let page = Page<ArticleVersionView>.shape("ArticleVersionPage", "A page of an article's versions")
}
