public import Codec
public import Domain

/// What of an article shall become other; what is nil or absent stays.
public struct ArticleEdit: Sendable {
    public var title: String?
    public var content: String?
    public var category = Change<String>.absent
    public var tags = Change<[String]>.absent
    public var isPublished: Bool?
    public var slug: String?

    public init() {}
}

extension Work {
    /// Changes an article, keeps what it says as a version, and tells of it in one event. What changes nothing leaves no trace.
    ///
    /// Throws `.forbidden` to who is not staff, `.stale` when the caller knows an older revision, and `.conflict` for a slug that leads
    /// elsewhere already.
    public func change(
        _ name: ArticleName, _ edit: ArticleEdit, expecting revision: Int? = nil, as caller: Caller
    ) async throws -> Article {
        let before = try await articleToChange(name, expecting: revision, as: caller)
        var article = before
        if let title = edit.title { article.title = title }
        if let content = edit.content { article.content = content }
        if let isPublished = edit.isPublished { article.isPublished = isPublished }
        article.category = edit.category.applied(to: before.category)
        article.tags = edit.tags.applied(to: before.tags) ?? []
        if article.tags != before.tags { article.tags = try await db.spelled(article.tags) }
        if let slug = edit.slug {
            if slug != before.slug { try await mustBeFree(slug, for: before.id) }
            article.slug = slug
            if !before.wasPublished { article.hasChosenSlug = true }
        }
        return try await save(article, since: before, as: caller)
    }

    /// Has an article say again what it said at one of its revisions. It makes a new version, and whether it is published stays as it is.
    /// Throws as `change` does, and `.notFound` for a version that never was.
    public func restore(
        _ number: Int, of name: ArticleName, expecting revision: Int? = nil, as caller: Caller
    ) async throws -> Article {
        let before = try await articleToChange(name, expecting: revision, as: caller)
        let version = try await db.version(number, of: before.id)
        var article = before
        article.title = version.title
        article.content = version.content
        article.category = version.category
        article.tags = try await db.spelled(version.tags)
        return try await save(article, since: before, as: caller)
    }

    /// Takes an article away, with all that it said before. Its slugs lead nowhere then, and others may have them.
    public func delete(_ name: ArticleName, expecting revision: Int? = nil, as caller: Caller) async throws {
        var article = try await articleToChange(name, expecting: revision, as: caller)
        try await db.delete(article)
        // Whoever reads the log later learns that it is gone, not what it said.
        article.content = ""
        article.updatedAt = max(now, article.updatedAt)
        article.revision += 1
        record(.articleDeleted, article, by: caller.party)
    }

    private func articleToChange(_ name: ArticleName, expecting revision: Int?, as caller: Caller) async throws -> Article {
        let article = try await db.articleToChange(name)
        guard caller.maySee(article) else { throw DeskError.notFound("Article not found") }
        guard caller.mayWriteArticles else { throw DeskError.forbidden("Only staff change articles") }
        try article.mustBe(at: revision)
        return article
    }

    private func save(_ changed: Article, since before: Article, as caller: Caller) async throws -> Article {
        var article = changed
        article.wasPublished = before.wasPublished || article.isPublished
        // A draft that nobody has seen is not called in its address what its title once was.
        if !before.wasPublished, !article.hasChosenSlug, article.title != before.title {
            article.slug = try await freeSlug(for: article.title, of: article.id)
        }
        let changes = before.changes(to: article)
        if changes.isEmpty {
            // That the slug was chosen, though it is the same, is told to nobody.
            if article.hasChosenSlug != before.hasChosenSlug { try await db.save(article, since: before) }
            return article
        }
        article.revision += 1
        article.updatedAt = max(now, before.updatedAt)
        try await db.save(article, since: before)
        try await db.insertVersion(of: article, by: caller.party, at: article.updatedAt)
        record(EventType(of: before, article), article, by: caller.party, changes)
        return article
    }
}

extension Article {
    /// What is other in `after`, field by field.
    fileprivate func changes(to after: Article) -> [FieldChange] {
        var changes = FieldChanges()
        changes.note("title", title, after.title)
        changes.note("content", content, after.content)
        changes.note("category", category, after.category)
        changes.note("tags", .list(tags.map { .text($0) }), .list(after.tags.map { .text($0) }))
        changes.note("is_published", isPublished, after.isPublished)
        changes.note("slug", slug, after.slug)
        return changes.list
    }
}

extension EventType {
    /// What a change of an article is called: after what most wants to be known of it.
    fileprivate init(of before: Article, _ after: Article) {
        if before.isPublished == after.isPublished {
            self = .articleUpdated
        } else {
            self = after.isPublished ? .articlePublished : .articleUnpublished
        }
    }
}
