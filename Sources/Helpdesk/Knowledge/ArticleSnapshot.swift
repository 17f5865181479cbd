internal import Codec
internal import Domain

/// An article as the log keeps it.
struct ArticleSnapshot: Shaped {
    var article: Article

    init(_ article: Article) { self.article = article }

    private static let blank = Article(
        id: Identifier(0), slug: "", title: "", content: "", category: nil, tags: [], isPublished: false, author: .nobody,
        createdAt: Moment(0), updatedAt: Moment(0))

    static let shape = Shape("ArticleSnapshot", "An article as the log keeps it", ArticleSnapshot(blank)) {
        Field("id", \.article.id, .id(Article.self), "Id")
        Field("slug", \.article.slug, .text(0...200), "Slug")
        Field("title", \.article.title, .text(0...255), "Title")
        Field("category", \.article.category, .text(0...100).optional, "Category")
        Field("tags", \.article.tags, .list(of: .text(0...50), atMost: 100), "Tags")
        Field("is_published", \.article.isPublished, .boolean, "Whether it is for everybody")
        Field("author", \.article.author, .knownParty, "Who wrote it")
        Field("created_at", \.article.createdAt, .moment, "Written")
        Field("updated_at", \.article.updatedAt, .moment, "Last change")
        Field("revision", \.article.revision, .integer(), "Revision")
        // As it was then: counts are not written down with each change.
        Field("view_count", \.article.viewCount, .integer(), "Views", required: false)
        Field("helpful", \.article.votes.helpful, .integer(), "Found it helpful", required: false)
        Field("unhelpful", \.article.votes.unhelpful, .integer(), "Did not", required: false)
    }
}
