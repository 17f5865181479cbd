public import Domain
internal import Storage

/// An article that a search found, and a piece of its text with what was found between marks.
public struct FoundArticle: Sendable {
    public var article: Article
    public var snippet: Snippet
}

/// Which articles are asked for besides.
public struct ArticleSearchFilter: Sendable, Equatable {
    public var categories: [String] = []
    public var tags: [String] = []

    public init() {}
}

extension Look {
    /// A slice of the articles that a question finds, the best first: title before tags before text, what says it more often first. Nil is
    /// somebody without a credential. Drafts are the staff's. Throws `.invalid` for a question about what articles have not.
    public func articles(
        _ query: SearchQuery, at location: String, _ more: ArticleSearchFilter = ArticleSearchFilter(), _ slice: SliceRequest,
        as caller: Caller?
    ) async throws -> Slice<FoundArticle> {
        if let field = query.ticketFields.first {
            throw DeskError.invalid([InvalidField(location, "search_field", "Articles have no \(field)")])
        }
        guard query.hasWords else {
            throw DeskError.invalid([InvalidField(location, "search_no_words", "A search of articles needs a word that is to be found")])
        }
        let index = ArticleIndex(
            isStaff: caller?.isStaff ?? false, condition: Self.condition(query, more), engine: db.engine, common: try await db.commonWords()
        )
        let ranked = try await index.finds(query, db)
        let start = slice.after.map { position in ranked.firstIndex { $0.position == position }.map { $0 + 1 } ?? ranked.count } ?? 0
        let rest = ranked.dropFirst(start + slice.offset)
        let articles = try await db.articles(rest.prefix(slice.limit).map(\.number), atMost: slice.bytes)
        let shown = rest.prefix(articles.count)
        let items = try await found(shown.map(\.number), articles, marked: query.marked, index)
        let next = rest.count > shown.count ? shown.last?.position : nil
        return Slice(items: items, next: next, total: slice.isCounted ? min(ranked.count, 10_000) : nil)
    }

    /// The articles with those numbers in the index, in that order, each with its snippet.
    func found(_ numbers: [Int], marked: TextMatch, _ index: ArticleIndex) async throws -> [FoundArticle] {
        try await found(numbers, try await db.articles(numbers, atMost: SliceRequest.mostBytes), marked: marked, index)
    }

    /// - Parameter articles: those of the numbers; nil for one that is gone meanwhile.
    private func found(
        _ numbers: [Int], _ articles: [Article?], marked: TextMatch, _ index: ArticleIndex
    ) async throws -> [FoundArticle] {
        let pairs = zip(numbers, articles).compactMap { number, article in article.map { (number, $0) } }
        let snippets = try await index.snippets(Dictionary(pairs) { first, _ in first }, marked, db)
        return pairs.map { number, article in
            FoundArticle(article: article, snippet: snippets[number] ?? Snippet(beginning: article.content))
        }
    }

    private static func condition(_ query: SearchQuery, _ more: ArticleSearchFilter) -> SQL {
        func isTagged(_ tags: [String]) -> SQL {
            "EXISTS (SELECT 1 FROM article_tags h WHERE h.tag IN \(list: tags.map(tagKey)) AND h.created_at = a.created_at AND h.article_id = a.id)"
        }
        var all: [SQL] = []
        for categories in [query.filter.categories, more.categories] where !categories.isEmpty {
            all.append("a.category IN \(list: categories)")
        }
        for tags in [query.filter.tags, more.tags] where !tags.isEmpty { all.append(isTagged(tags)) }
        let except = query.filter.except
        if !except.categories.isEmpty { all.append("(a.category IS NULL OR a.category NOT IN \(list: except.categories))") }
        if !except.tags.isEmpty { all.append("NOT \(isTagged(except.tags))") }
        return all.isEmpty ? "" : " AND \(all.joined(by: " AND "))"
    }
}

extension Connection {
    private static var articlesAtOnce: Int { 20 }

    /// The articles with those numbers in the index, in that order, until their texts have so many bytes; nil for one that is gone meanwhile.
    fileprivate func articles(_ numbers: [Int], atMost bytes: Int) async throws -> [Article?] {
        var articles: [Article?] = []
        var sum = 0
        while articles.count < numbers.count {
            let batch = Array(numbers[articles.count...].prefix(Self.articlesAtOnce))
            let found = try await self.articles(batch)
            for number in batch {
                sum += found[number]?.content.utf8.count ?? 0
                if sum > bytes, !articles.isEmpty { return articles }
                articles.append(found[number])
            }
        }
        return articles
    }

    private func articles(_ numbers: [Int]) async throws -> [Int: Article] {
        guard !numbers.isEmpty else { return [:] }
        let rows = try await all(
            """
            SELECT \(.articleColumns), n.number FROM \(.articlesWithAuthors) JOIN article_numbers n ON n.article_id = a.id
            WHERE n.number IN \(list: numbers)
            """
        ) { row in
            let article = row.article()
            return (row.int(), article)
        }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }
}

/// Asks the index for articles. They are few beside tickets, so all that is found is ranked, up to a bound.
struct ArticleIndex {
    let isStaff: Bool
    let condition: SQL
    let engine: Engine
    let common: Set<String>

    struct Find {
        var number: Int
        var score: Int
        var position: Position { Position(key: score, tie: UInt128(number)) }
    }

    /// The words as they are come before longer ones in place of the last.
    func finds(_ query: SearchQuery, _ db: Connection) async throws -> [Find] {
        var wanted = query.wanted
        var finds = try await finds(wanted, query.unwanted, raised: 10_000, db)
        if let beginning = query.beginning {
            wanted[wanted.count - 1] = .beginning(beginning)
            let known = Set(finds.map(\.number))
            finds += try await self.finds(wanted, query.unwanted, raised: 0, db).filter { !known.contains($0.number) }
        }
        return finds.sorted { ($0.score, $0.number) > ($1.score, $1.number) }
    }

    private func finds(_ wanted: [TextMatch], _ unwanted: [TextMatch], raised: Int, _ db: Connection) async throws -> [Find] {
        let positive = TextMatch.all(wanted)
        return try await finds(unwanted.isEmpty ? positive : .except(positive, .any(unwanted)), positive, raised: raised, db)
    }

    func finds(_ match: TextMatch, _ positive: TextMatch, raised: Int, _ db: Connection) async throws -> [Find] {
        switch engine {
        case .sqlite:
            guard let words = match.fts5(leavingOut: common) else { return [] }
            let question = (isStaff ? "" : "scope : \"p0\" AND ") + "{title labels content} : (\(words))"
            return try await db.all(
                """
                SELECT article_search.rowid, search_place(article_search, 3) FROM article_search
                CROSS JOIN article_numbers n ON n.number = article_search.rowid CROSS JOIN articles a ON a.id = n.article_id
                WHERE article_search MATCH \(question)\(condition) ORDER BY article_search.rowid DESC LIMIT 1000
                """
            ) { row in
                let (number, place) = (row.int(), row.int())
                return Find(number: number, score: raised + (3 - place / 1000) * 1000 + place % 1000)
            }
        case .postgres:
            let words = positive.tsquery
            let scope: SQL = isStaff ? "" : " && CAST('''p 0''' AS tsquery)"
            return try await db.all(
                """
                SELECT n.number,
                    CASE WHEN ts_filter(n.vector, '{a}') @@ \(words) THEN 3 WHEN ts_filter(n.vector, '{a,b}') @@ \(words) THEN 2 ELSE 1 END,
                    LEAST(999, CAST(1000 * ts_rank(n.vector, \(words)) AS bigint))
                FROM article_numbers n JOIN articles a ON a.id = n.article_id
                WHERE n.vector @@ (SELECT \(match.tsquery)\(scope)) AND (SELECT numnode(\(words)) > 0)\(condition) ORDER BY n.number + 0 DESC LIMIT 1000
                """
            ) { row in Find(number: row.int(), score: raised + row.int() * 1000 + row.int()) }
        }
    }

    func snippets(_ articles: [Int: Article], _ marked: TextMatch, _ db: Connection) async throws -> [Int: Snippet] {
        guard !articles.isEmpty else { return [:] }
        guard engine == .sqlite else {
            return try await db.snippets(of: articles.map { ($0, [$1.title, $1.content]) }, marked)
        }
        guard let words = marked.fts5(leavingOut: common) else { return [:] }
        return try await db.pairs(
            """
            SELECT article_search.rowid, snippet(article_search, -1, \(String(Snippet.open)), \(String(Snippet.close)), '…', 24)
            FROM article_search WHERE article_search MATCH \("{title content} : (\(words))") AND article_search.rowid IN \(list: Array(articles.keys))
            """)
    }
}
