public import Domain
internal import Storage

// Each change of an article leaves a version, numbered by the revision that it made. They are the staff's.

extension Connection {
    /// Keeps what an article says from now on.
    func insertVersion(of article: Article, by editor: Party, at now: Moment) async throws {
        try await runSoon(
            """
            INSERT INTO article_versions (article_id, number, title, content, category, tags, is_published, editor_id, created_at)
            VALUES (
                \(article.id), \(article.revision), \(article.title), \(article.content), \(article.category), \(stored(article.tags)),
                \(article.isPublished), \(editor.id), \(now))
            """)
    }

    /// Throws `.notFound`.
    func version(_ number: Int, of article: Article.ID) async throws -> ArticleVersion {
        let version = try await first(
            "SELECT \(.versionColumns) FROM \(.versionsWithEditors) WHERE v.article_id = \(article) AND v.number = \(number)"
        ) { $0.version() }
        guard let version else { throw DeskError.notFound("Version not found") }
        return version
    }
}

extension Look {
    /// A slice of an article's versions, newest first.
    public func versions(of name: ArticleName, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<ArticleVersion> {
        let article = try await articleToEdit(name, as: caller)
        let rows = try await db.rows(slice.versions(of: article.id, db.engine), slice, size: \.content.utf8.count) { $0.version() }
        let total = slice.isCounted ? min(article.revision, Slice<ArticleVersion>.mostCounted) : nil
        var found = Slice(rows, slice, total: total, at: { Position(key: $0.number, tie: 0) }, size: \.content.utf8.count)
        found.owner = article.id.bits
        return found
    }

    /// What an article said at one of its revisions. Throws `.notFound`.
    public func version(_ number: Int, of name: ArticleName, as caller: Caller) async throws -> ArticleVersion {
        let article = try await articleToEdit(name, as: caller)
        return try await db.version(number, of: article.id)
    }

    /// An article whose past the caller may see. Throws `.notFound` as for who reads it, and `.forbidden`.
    private func articleToEdit(_ name: ArticleName, as caller: Caller) async throws -> Article {
        let article = try await article(name, as: caller)
        guard caller.mayWriteArticles else { throw DeskError.forbidden("Only staff see what an article said before") }
        return article
    }
}

extension SliceRequest {
    /// The slice's versions and one more.
    fileprivate func versions(of article: Article.ID, _ engine: Engine) -> SQL {
        let after: SQL = after.map { " AND v.number < \($0.key)" } ?? ""
        let rows: SQL = """
            SELECT \(.versionColumns) FROM \(.versionsWithEditors)
            WHERE v.article_id = \(article)\(after) ORDER BY v.number DESC\(room)
            """
        return bound(rows, size: "octet_length(q.content)", in: "q.number DESC", on: engine)
    }
}

extension SQL {
    fileprivate static var versionColumns: SQL {
        """
        v.article_id, v.number, v.title, v.content, v.category, v.tags, v.is_published, v.editor_id, p.name, p.email, p.role,
        v.created_at
        """
    }

    fileprivate static var versionsWithEditors: SQL { "article_versions v JOIN people p ON p.id = v.editor_id" }
}

extension Row {
    fileprivate mutating func version() -> ArticleVersion {
        ArticleVersion(
            article: id(), number: int(), title: text(), content: text(), category: optionalText(), tags: texts(), isPublished: bool(),
            editor: Party(id: id(), name: text(), email: optionalText(), role: word()), createdAt: moment())
    }
}
