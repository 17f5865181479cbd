public import Storage

/// The language that texts are searched in: words are found in their other forms too. Each is a text search configuration that every
/// PostgreSQL has; SQLite knows English, and takes words as they are for all others.
public enum SearchLanguage: String, CaseIterable, Sendable {
    case simple, arabic, armenian, basque, catalan, danish, dutch, english, finnish, french, german, greek, hindi, hungarian, indonesian
    case irish, italian, lithuanian, nepali, norwegian, portuguese, romanian, russian, serbian, spanish, swedish, tamil, turkish, yiddish
}

extension SearchLanguage {
    /// Has the index speak this language: made anew when it spoke another, which takes as long as there is much in it. Whether it was.
    public func take(on database: any Database) async throws -> Bool {
        try await database.write { db in
            let known = try await db.first("SELECT language FROM search_language LIMIT 1\(db.engine.lock)") { $0.text() }
            if known == rawValue { return false }
            try await db.script(db.engine == .sqlite ? sqliteScript : postgresScript)
            try await db.run("UPDATE search_language SET language = \(rawValue)")
            return true
        }
    }

    private var sqliteScript: String {
        let tokenizer = (self == .english ? "porter " : "") + "unicode61 remove_diacritics 2"
        return Self.indices.map { index in
            """
            DROP TABLE \(index.name);
            CREATE VIRTUAL TABLE \(index.name) USING fts5(
                \(index.columns), scope, content = '\(index.view)', content_rowid = '\(index.key)', columnsize = 0,
                tokenize = '\(tokenizer)');
            INSERT INTO \(index.name) (\(index.name)) VALUES ('rebuild');
            DELETE FROM \(index.reworded);
            UPDATE search_progress SET upto = (SELECT coalesce(max(\(index.key)), 0) FROM \(index.source)) WHERE kind = '\(index.kind)';

            """
        }.joined()
    }

    private struct Index {
        let name, columns, view, key, reworded, source, kind: String
    }

    private static var indices: [Index] {
        [
            Index(
                name: "ticket_search", columns: "title, labels, description", view: "ticket_words", key: "number",
                reworded: "tickets_reworded", source: "tickets", kind: "tickets"),
            Index(
                name: "comment_search", columns: "content", view: "comment_words", key: "seq", reworded: "comments_reworded",
                source: "comments", kind: "comments"),
            Index(
                name: "article_search", columns: "title, labels, content", view: "article_words", key: "number",
                reworded: "articles_reworded", source: "article_numbers", kind: "articles"),
        ]
    }

    // The value of `search_config()` stands in plans that sessions keep, and these do not depend on it; they do on what asks for it, and
    // are made anew when that is altered, be it to what it was.
    private var postgresScript: String {
        """
        CREATE OR REPLACE FUNCTION search_config() RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT 'pg_catalog.\(rawValue)'::regconfig
        $$;
        ALTER FUNCTION search_vector(text) IMMUTABLE;
        ALTER FUNCTION search_query(text) IMMUTABLE;
        ALTER FUNCTION search_prefix(text) IMMUTABLE;
        SELECT index_tickets(ARRAY(SELECT number FROM tickets));
        UPDATE comments SET content = content WHERE deleted_at IS NULL;
        UPDATE articles SET title = title;
        """
    }
}
