public import Domain
internal import Storage

/// What it takes to write an article.
public struct ArticleDraft: Sendable {
    public var title = ""
    public var content = ""
    public var category: String?
    public var tags: [String] = []
    public var isPublished = false
    /// What its address shall end with; nil: what the title makes of it.
    public var slug: String?

    public init() {}
}

extension Work {
    /// Writes an article. Throws `.forbidden` to who is not staff, and `.conflict` for a slug that leads elsewhere already.
    public func write(_ draft: ArticleDraft, as caller: Caller) async throws -> Article {
        guard caller.mayWriteArticles else { throw DeskError.forbidden("Only staff write articles") }
        let id = Article.ID(outside.newID())
        let slug: String
        if let wanted = draft.slug {
            try await mustBeFree(wanted, for: id)
            slug = wanted
        } else {
            slug = try await freeSlug(for: draft.title, of: id)
        }
        let article = Article(
            id: id, slug: slug, title: draft.title, content: draft.content, category: draft.category,
            tags: try await db.spelled(draft.tags),
            isPublished: draft.isPublished, author: caller.party, createdAt: now, updatedAt: now,
            hasChosenSlug: draft.slug != nil)
        try await db.insert(article)
        try await db.insertVersion(of: article, by: caller.party, at: now)
        record(.articleCreated, article, by: caller.party)
        return article
    }

    private static let mostSlugs = 20

    /// What the title makes, then with 2, 3, 4 behind it; then with numbers drawn from more and more of them, so that many articles of
    /// one title do not try each other's one by one.
    func freeSlug(for title: String, of article: Article.ID) async throws -> String {
        let base = Slug.from(title)
        for attempt in 0..<Self.mostSlugs {
            let number = attempt < 4 ? attempt + 1 : 10 + Int(outside.newToken() & 0xFFFF_FFFF) % (90 << min(attempt, 20))
            let slug = attempt == 0 && !Slug.reserved.contains(base) ? base : Slug.numbered(base, max(2, number))
            let owner = try await owner(of: slug)
            if owner == nil || owner == article { return slug }
        }
        throw DeskError.busy("No slug could be found for this title: please give one")
    }

    /// Throws `.conflict` when a slug leads to another article.
    func mustBeFree(_ slug: String, for article: Article.ID) async throws {
        let owner = try await owner(of: slug)
        guard owner == nil || owner == article else { throw DeskError.conflict("The slug \(slug) leads to another article") }
    }

    /// The article that a slug leads to. Until this transaction has ended no other takes it.
    private func owner(of slug: String) async throws -> Article.ID? {
        try await hold("slug \(slug)")
        return try await db.first("SELECT article_id FROM article_slugs WHERE slug = \(slug)") { $0.id(of: Article.self) }
    }
}
