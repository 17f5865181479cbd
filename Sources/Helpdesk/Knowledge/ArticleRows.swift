public import Domain
internal import Storage

// How articles are read and written. Everybody who reads a whole article reads it here, and whoever keeps something beside articles, such
// as an index, has to follow `insert`, `save` and `delete`.

extension SQL {
    /// The columns of an article with those of its author, in the order in which `Row.article` reads them.
    static var articleColumns: SQL {
        """
        a.id, a.slug, a.title, a.content, a.category, a.tags, a.is_published, a.author_id, p.name, p.email, p.role,
        a.view_count, a.helpful, a.unhelpful, a.created_at, a.updated_at, a.revision, a.was_published, a.has_chosen_slug
        """
    }

    /// Articles and who wrote them, for the columns above.
    static var articlesWithAuthors: SQL { "articles a JOIN people p ON p.id = a.author_id" }

    static func isArticle(_ name: ArticleName) -> SQL {
        switch name {
        case .id(let id): "a.id = \(id)"
        case .slug(let slug): "a.id = (SELECT s.article_id FROM article_slugs s WHERE s.slug = \(slug))"
        }
    }
}

extension Row {
    mutating func article() -> Article {
        Article(
            id: id(), slug: text(), title: text(), content: text(), category: optionalText(), tags: texts(), isPublished: bool(),
            author: Party(id: id(), name: text(), email: optionalText(), role: word()), viewCount: int(),
            votes: Article.Votes(helpful: int(), unhelpful: int()), createdAt: moment(), updatedAt: moment(), revision: int(),
            wasPublished: bool(), hasChosenSlug: bool())
    }
}

extension Connection {
    /// An article by id, slug or earlier slug, drafts too. Throws `.notFound`.
    func article(_ name: ArticleName) async throws -> Article {
        let article = try await first(
            "SELECT \(.articleColumns) FROM \(.articlesWithAuthors) WHERE \(.isArticle(name))"
        ) { $0.article() }
        guard let article else { throw DeskError.notFound("Article not found") }
        return article
    }

    /// The same, read to be changed: nobody else changes it before this transaction ends.
    func articleToChange(_ name: ArticleName) async throws -> Article {
        guard engine == .postgres else { return try await article(name) }
        let id = try await first("SELECT a.id FROM articles a WHERE \(.isArticle(name)) FOR UPDATE") { $0.id(of: Article.self) }
        guard let id else { throw DeskError.notFound("Article not found") }
        return try await article(.id(id))
    }

    /// Adds an article whose slug nobody has.
    func insert(_ article: Article) async throws {
        try await runSoon(
            """
            INSERT INTO articles (
                id, slug, title, title_key, content, category, category_slug, tags, is_published, was_published, has_chosen_slug,
                author_id, view_count, helpful, unhelpful, created_at, updated_at, revision)
            VALUES (
                \(article.id), \(article.slug), \(article.title), \(key(article.title)), \(article.content), \(article.category),
                \(article.categorySlug), \(stored(article.tags)), \(article.isPublished), \(article.wasPublished),
                \(article.hasChosenSlug), \(article.author.id), 0, 0, 0, \(article.createdAt), \(article.updatedAt), \(article.revision))
            """)
        try await runSoon("INSERT INTO article_slugs (slug, article_id) VALUES (\(article.slug), \(article.id))")
        try await addTags(of: article)
    }

    /// Writes what an author may have changed. What readers count stays as it is.
    func save(_ article: Article, since before: Article) async throws {
        try await runSoon(
            """
            UPDATE articles SET
                slug = \(article.slug), title = \(article.title), title_key = \(key(article.title)), content = \(article.content),
                category = \(article.category), category_slug = \(article.categorySlug), tags = \(stored(article.tags)),
                is_published = \(article.isPublished), was_published = \(article.wasPublished),
                has_chosen_slug = \(article.hasChosenSlug), updated_at = \(article.updatedAt), revision = \(article.revision)
            WHERE id = \(article.id)
            """)
        if article.slug != before.slug {
            // Nobody has the address of a draft, and what it was called once is nobody's to find out.
            if !before.wasPublished { try await runSoon("DELETE FROM article_slugs WHERE article_id = \(article.id)") }
            try await runSoon(
                "INSERT INTO article_slugs (slug, article_id) VALUES (\(article.slug), \(article.id)) ON CONFLICT DO NOTHING")
        }
        if article.tags != before.tags {
            try await runSoon("DELETE FROM article_tags WHERE article_id = \(article.id)")
            try await addTags(of: article)
        }
    }

    /// Takes an article away, with its versions, votes and slugs.
    func delete(_ article: Article) async throws {
        try await runSoon("DELETE FROM articles WHERE id = \(article.id)")
    }

    private func addTags(of article: Article) async throws {
        guard !article.tags.isEmpty else { return }
        let rows = article.tags.map { "(\(tagKey($0)), \(article.createdAt), \(article.id))" as SQL }.joined(by: ", ")
        try await runSoon("INSERT INTO article_tags (tag, created_at, article_id) VALUES \(rows) ON CONFLICT DO NOTHING")
    }
}

extension Article {
    /// Its category in an address. What has none stands with what is in none.
    public var categorySlug: String { Article.slug(ofCategory: category) }

    /// A category's name in an address: `/help/{slug}`.
    public static func slug(ofCategory category: String?) -> String {
        guard let category else { return "other" }
        let slug = Slug.from(category, fallback: "other")
        return Slug.reserved.contains(slug) ? "\(slug)-1" : slug
    }
}
