public import Domain

extension Look {
    /// An article that the caller may see; nil is somebody without a credential. Throws `.notFound` for every other.
    public func article(_ name: ArticleName, as caller: Caller?) async throws -> Article {
        let article = try await db.article(name)
        guard article.isPublished || caller?.maySee(article) == true else { throw DeskError.notFound("Article not found") }
        return article
    }
}
