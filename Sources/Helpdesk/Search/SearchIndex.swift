internal import Storage

/// How the full-text index follows its rows on SQLite, where triggers cannot write it: see `m005_search`.
enum SearchIndex {
    /// What makes the index say what the rows say. It costs next to nothing when they agree.
    static let settling: [SQL] =
        [
            """
            INSERT INTO ticket_search (ticket_search, rowid, title, labels, description, scope)
            SELECT 'delete', number, title, labels, description, scope FROM tickets_reworded
            """,
            """
            INSERT INTO ticket_search (rowid, title, labels, description, scope)
            SELECT w.number, w.title, w.labels, w.description, w.scope
            FROM tickets_reworded r CROSS JOIN ticket_words w ON w.number = r.number
            """,
            "DELETE FROM tickets_reworded",
            """
            INSERT INTO ticket_search (rowid, title, labels, description, scope)
            SELECT number, title, labels, description, scope FROM ticket_words
            WHERE number > (SELECT upto FROM search_progress WHERE kind = 'tickets')
            """,
            """
            UPDATE search_progress SET upto = (SELECT max(number) FROM tickets)
            WHERE kind = 'tickets' AND upto < (SELECT max(number) FROM tickets)
            """,
        ] + comments + articles

    private static let comments: [SQL] = [
        """
        INSERT INTO comment_search (comment_search, rowid, content, scope)
        SELECT 'delete', seq, content, scope FROM comments_reworded
        """,
        """
        INSERT INTO comment_search (rowid, content, scope)
        SELECT w.seq, w.content, w.scope FROM comments_reworded r CROSS JOIN comment_words w ON w.seq = r.seq
        """,
        "DELETE FROM comments_reworded",
        """
        INSERT INTO comment_search (rowid, content, scope)
        SELECT seq, content, scope FROM comment_words WHERE seq > (SELECT upto FROM search_progress WHERE kind = 'comments')
        """,
        """
        UPDATE search_progress SET upto = (SELECT max(seq) FROM comments)
        WHERE kind = 'comments' AND upto < (SELECT max(seq) FROM comments)
        """,
    ]

    private static let articles: [SQL] = [
        """
        INSERT INTO article_search (article_search, rowid, title, labels, content, scope)
        SELECT 'delete', number, title, labels, content, scope FROM articles_reworded
        """,
        """
        INSERT INTO article_search (rowid, title, labels, content, scope)
        SELECT w.number, w.title, w.labels, w.content, w.scope
        FROM articles_reworded r CROSS JOIN article_words w ON w.number = r.number
        """,
        "DELETE FROM articles_reworded",
        """
        INSERT INTO article_search (rowid, title, labels, content, scope)
        SELECT number, title, labels, content, scope FROM article_words
        WHERE number > (SELECT upto FROM search_progress WHERE kind = 'articles')
        """,
        """
        UPDATE search_progress SET upto = (SELECT max(number) FROM article_numbers)
        WHERE kind = 'articles' AND upto < (SELECT max(number) FROM article_numbers)
        """,
    ]
}

extension Connection {
    /// Has the index follow what this transaction changed, before it is committed. PostgreSQL's triggers have done so already.
    func settleSearch() async throws(StorageFault) {
        guard engine == .sqlite else { return }
        for statement in SearchIndex.settling { try await runLate(statement) }
    }
}
