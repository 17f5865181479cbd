public import Domain
internal import Storage

extension Work {
    /// Notes whether somebody found an article helpful. Each person has one vote on it, and may change it.
    public func vote(on name: ArticleName, isHelpful: Bool, as caller: Caller) async throws -> Article {
        var article = try await db.articleToChange(name)
        guard caller.maySee(article) else { throw DeskError.notFound("Article not found") }
        let before = try await db.first(
            "SELECT is_helpful FROM article_votes WHERE article_id = \(article.id) AND person_id = \(caller.id)"
        ) { $0.bool() }
        guard before != isHelpful else { return article }
        try await db.runSoon(
            """
            INSERT INTO article_votes (article_id, person_id, is_helpful, at) VALUES (\(article.id), \(caller.id), \(isHelpful), \(now))
            ON CONFLICT (article_id, person_id) DO UPDATE SET is_helpful = excluded.is_helpful, at = excluded.at
            """)
        article.votes.change(from: before, to: isHelpful)
        try await db.save(article.votes, of: article.id)
        return article
    }
}

extension Article.Votes {
    mutating func change(from before: Bool?, to after: Bool) {
        if before == true { helpful = max(0, helpful - 1) }
        if before == false { unhelpful = max(0, unhelpful - 1) }
        if after { helpful += 1 } else { unhelpful += 1 }
    }
}

extension Connection {
    func save(_ votes: Article.Votes, of article: Article.ID) async throws {
        try await runSoon("UPDATE articles SET helpful = \(votes.helpful), unhelpful = \(votes.unhelpful) WHERE id = \(article)")
    }
}
