internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// An article as its reader sees it.
struct ArticleView: Shaped, WithFields {
    var article: Article
    /// Whether it was made just now, so that the answer says where it is.
    var isNew = false
    /// Where a search found it.
    var snippet: String?
    /// The content as HTML, where it was asked for.
    var html: String?

    init(_ article: Article) { self.article = article }

    /// With the HTML of its content, where that is asked for.
    init(_ article: Article, _ parts: [TextPart], _ desk: Desk) async throws {
        self.article = article
        if parts.contains(.html) { html = try await desk.html(of: article) }
    }

    static let blank = Article(
        id: Article.ID(0), slug: "", title: "", content: "", category: nil, tags: [], isPublished: false, author: PartyView.nobody,
        createdAt: Moment(0), updatedAt: Moment(0))

    static let shape = Shape("Article", "Something the staff wrote down for everybody", ArticleView(blank)) {
        Field("id", \.article.id, .id(Article.self), "Id")
        Field("slug", \.article.slug, .text(1...Slug.longest), "What its address ends with")
        Field("title", \.article.title, .text(1...255), "What it is about")
        Field("content", \.article.content, .text(1...65_536), "The text, in Markdown")
        Field("content_html", \.html, Kind<String>.text(0...Int.max).orAbsent, "The text as HTML, with `include=html`")
        Field("snippet", \.snippet, Kind<String>.text(0...Int.max).orAbsent, "Where a search found it: HTML with `<mark>`")
        Field("category", \.article.category, .text(1...100).optional, "Where it belongs")
        Field("tags", \.article.tags, .list(of: .text(1...50), atMost: 20), "Words to find it by")
        Field("is_published", \.article.isPublished, .boolean, "Whether it is for everybody; a draft is the staff's")
        Field("author", \.article.author, AuthorView.kind, "Who wrote it")
        Field("view_count", \.article.viewCount, .integer(0...Int.max), "How often it was read")
        Field("helpful", \.article.votes.helpful, .integer(0...Int.max), "How many found it helpful")
        Field("unhelpful", \.article.votes.unhelpful, .integer(0...Int.max), "How many did not")
        Field("created_at", \.article.createdAt, .moment, "When it was written")
        Field("updated_at", \.article.updatedAt, .moment, "When it was last changed")
        Field("revision", \.article.revision, .integer(0...Int.max), "Counts its changes; the number of its newest version")
    }

    /// The counts are no part of the tag: they move without a change.
    var fields: [Response.Field] {
        let tag = EntityTag(revision: article.revision, view: html == nil ? "a" : "x", with: [article.author.name]).field
        return isNew ? [tag, .init("location", "/knowledge-base/\(article.id.text)")] : [tag]
    }
}

extension ArticleView: PageItem {
    static let page = Page<ArticleView>.shape("ArticlePage", "A page of articles")
}
