internal import Storage

extension Migration {
    /// The full-text index of tickets, comments and articles, kept by triggers so that no way of changing a row goes past it, and filled
    /// with what is there. `Helpdesk/Search` reads it.
    ///
    /// A row tells who may find it: a word made of its requester's id, which no question can hold, stands in it unless it is private. What
    /// somebody is called stands in no row: by a name people are looked for first (`people_words`), and then rows with their word.
    static let search = Migration("m005_search", sqlite: sqliteSearch, postgres: postgresSearch)

    /// Each index is FTS5 without a copy of the words: it reads them from a view. Triggers may not touch such a table here
    /// (`trusted_schema` is off), and it writes a segment for each savepoint; so triggers only keep what a row said while it was indexed
    /// last, in a table beside, and the index follows before the commit, once for all that is committed together: `SearchIndex.settling`.
    ///
    /// The views are joined by `CROSS JOIN`, which goes through the first table in order: an index that is made anew reads its view from end
    /// to end, and begins another segment at each row that comes before the last.
    ///
    /// `search_progress` says up to which number rows were indexed; what is newer has not been yet.
    private static let sqliteSearch = #"""
        CREATE TABLE search_language (language text NOT NULL);
        INSERT INTO search_language (language) VALUES ('english');
        CREATE TABLE search_progress (kind text COLLATE "C" NOT NULL PRIMARY KEY, upto bigint NOT NULL);

        CREATE VIEW ticket_words (number, title, labels, description, scope) AS
            SELECT t.number, t.title, t.tags || ' ' || t.number, t.description, 'r' || lower(hex(t.requester_id)) || '0' FROM tickets t;
        CREATE VIRTUAL TABLE ticket_search USING fts5(
            title, labels, description, scope, content = 'ticket_words', content_rowid = 'number', columnsize = 0,
            tokenize = 'porter unicode61 remove_diacritics 2');
        CREATE TABLE tickets_reworded (
            number integer PRIMARY KEY, title text NOT NULL, labels text NOT NULL, description text NOT NULL, scope text NOT NULL);
        INSERT INTO ticket_search (ticket_search) VALUES ('rebuild');
        INSERT INTO search_progress (kind, upto) SELECT 'tickets', coalesce(max(number), 0) FROM tickets;

        CREATE VIEW comment_words (seq, content, scope) AS
            SELECT c.seq, c.content, CASE WHEN c.is_private THEN '' ELSE 'r' || lower(hex(t.requester_id)) || '0' END
            FROM comments c CROSS JOIN tickets t ON t.id = c.ticket_id WHERE c.deleted_at IS NULL;
        CREATE VIRTUAL TABLE comment_search USING fts5(
            content, scope, content = 'comment_words', content_rowid = 'seq', columnsize = 0,
            tokenize = 'porter unicode61 remove_diacritics 2');
        CREATE TABLE comments_reworded (seq integer PRIMARY KEY, content text NOT NULL, scope text NOT NULL);
        INSERT INTO comment_search (comment_search) VALUES ('rebuild');
        INSERT INTO search_progress (kind, upto) SELECT 'comments', coalesce(max(seq), 0) FROM comments;

        CREATE TABLE article_numbers (
            number {identity},
            article_id uuid NOT NULL UNIQUE REFERENCES articles (id) ON DELETE CASCADE
        );
        INSERT INTO article_numbers (article_id) SELECT id FROM articles ORDER BY created_at, id;
        CREATE VIEW article_words (number, title, labels, content, scope) AS
            SELECT n.number, a.title, a.tags, a.content, CASE WHEN a.is_published THEN 'p0' ELSE '' END
            FROM article_numbers n CROSS JOIN articles a ON a.id = n.article_id;
        CREATE VIRTUAL TABLE article_search USING fts5(
            title, labels, content, scope, content = 'article_words', content_rowid = 'number', columnsize = 0,
            tokenize = 'porter unicode61 remove_diacritics 2');
        CREATE TABLE articles_reworded (
            number integer PRIMARY KEY, title text NOT NULL, labels text NOT NULL, content text NOT NULL, scope text NOT NULL);
        INSERT INTO article_search (article_search) VALUES ('rebuild');
        INSERT INTO search_progress (kind, upto) SELECT 'articles', coalesce(max(number), 0) FROM article_numbers;

        CREATE TRIGGER search_ticket_changes BEFORE UPDATE OF title, description, tags, requester_id ON tickets
        WHEN OLD.title <> NEW.title OR OLD.description <> NEW.description OR OLD.tags <> NEW.tags OR OLD.requester_id <> NEW.requester_id
        BEGIN
            INSERT OR IGNORE INTO tickets_reworded SELECT w.* FROM ticket_words w
                WHERE w.number = OLD.number AND w.number <= (SELECT upto FROM search_progress WHERE kind = 'tickets');
            INSERT OR IGNORE INTO comments_reworded SELECT w.* FROM comments c CROSS JOIN comment_words w ON w.seq = c.seq
                WHERE c.ticket_id = OLD.id AND OLD.requester_id <> NEW.requester_id
                    AND c.seq <= (SELECT upto FROM search_progress WHERE kind = 'comments');
        END;
        CREATE TRIGGER search_ticket_goes BEFORE DELETE ON tickets BEGIN
            INSERT OR IGNORE INTO tickets_reworded SELECT w.* FROM ticket_words w
                WHERE w.number = OLD.number AND w.number <= (SELECT upto FROM search_progress WHERE kind = 'tickets');
            INSERT OR IGNORE INTO comments_reworded SELECT w.* FROM comments c CROSS JOIN comment_words w ON w.seq = c.seq
                WHERE c.ticket_id = OLD.id AND c.seq <= (SELECT upto FROM search_progress WHERE kind = 'comments');
        END;
        CREATE TRIGGER search_comment_changes BEFORE UPDATE OF content, is_private, deleted_at ON comments
        WHEN OLD.content <> NEW.content OR OLD.is_private <> NEW.is_private OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)
        BEGIN
            INSERT OR IGNORE INTO comments_reworded SELECT w.* FROM comment_words w
                WHERE w.seq = OLD.seq AND w.seq <= (SELECT upto FROM search_progress WHERE kind = 'comments');
        END;
        CREATE TRIGGER search_comment_goes BEFORE DELETE ON comments BEGIN
            INSERT OR IGNORE INTO comments_reworded SELECT w.* FROM comment_words w
                WHERE w.seq = OLD.seq AND w.seq <= (SELECT upto FROM search_progress WHERE kind = 'comments');
        END;
        CREATE TRIGGER search_article_comes AFTER INSERT ON articles BEGIN
            INSERT INTO article_numbers (article_id) VALUES (NEW.id);
        END;
        CREATE TRIGGER search_article_changes BEFORE UPDATE OF title, content, tags, is_published ON articles
        WHEN OLD.title <> NEW.title OR OLD.content <> NEW.content OR OLD.tags <> NEW.tags OR OLD.is_published <> NEW.is_published
        BEGIN
            INSERT OR IGNORE INTO articles_reworded SELECT w.* FROM article_numbers n CROSS JOIN article_words w ON w.number = n.number
                WHERE n.article_id = OLD.id AND n.number <= (SELECT upto FROM search_progress WHERE kind = 'articles');
        END;
        CREATE TRIGGER search_article_goes BEFORE DELETE ON articles BEGIN
            INSERT OR IGNORE INTO articles_reworded SELECT w.* FROM article_numbers n CROSS JOIN article_words w ON w.number = n.number
                WHERE n.article_id = OLD.id AND n.number <= (SELECT upto FROM search_progress WHERE kind = 'articles');
        END;
        """#

    /// A comment's words stand in its own row, which costs a new one no second row; a ticket's stand beside it, since a ticket changes with
    /// each comment, and GIN would index its words again each time.
    ///
    /// Beside its words a row holds `e N` and `f N`, the 16,384 and the 524,288 rows it came with: a question for the newest rows reads no
    /// more of a long list than belongs to them. No word that the parser makes has a blank in it, so neither these nor `r ID` can be asked
    /// for.
    private static let postgresSearch = #"""
        CREATE TABLE search_language (language text NOT NULL);
        INSERT INTO search_language (language) VALUES ('english');

        -- PostgreSQL puts the bodies of these functions in the place of their calls, which would cost more: none is STRICT, and none calls
        -- what is less than IMMUTABLE, as text || bigint is.
        -- A database in the locale C knows the capitals of English only, so another collation is asked where there is one.
        DO $make$ BEGIN
            EXECUTE format($fold$
                CREATE FUNCTION search_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                    SELECT regexp_replace(
                        CASE WHEN octet_length($1) = char_length($1) THEN $1
                        ELSE lower(normalize(regexp_replace(normalize($1, NFD), '[\u0300-\u036F]', '', 'g'), NFC)%s) END COLLATE "C",
                        '[-_/\\.@:=&?%%+#~<>''"]', ' ', 'g')
                $$ $fold$,
                (SELECT ' COLLATE pg_catalog.' || quote_ident(collname) FROM pg_catalog.pg_collation
                    WHERE collname IN ('und-x-icu', 'C.utf8') AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
                    ORDER BY collname DESC LIMIT 1));
        END $make$;
        CREATE FUNCTION search_config() RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT 'pg_catalog.english'::regconfig
        $$;
        CREATE FUNCTION search_vector(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT to_tsvector(search_config(), search_fold($1))
        $$;
        CREATE FUNCTION search_query(words text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT phraseto_tsquery(search_config(), search_fold($1))
        $$;
        CREATE FUNCTION search_prefix(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT to_tsquery(search_config(), '''' || search_fold($1) || ''':*')
        $$;
        CREATE FUNCTION search_parts(place bigint) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT ARRAY['e ' || ($1 >> 14)::text, 'f ' || ($1 >> 19)::text]
        $$;
        CREATE FUNCTION search_scope(requester uuid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT 'r ' || $1::text
        $$;
        CREATE FUNCTION search_ticket(number bigint, title text, tags text, description text, requester uuid)
        RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT setweight(search_vector($2), 'A') || setweight(search_vector($3 || ' ' || $1::text), 'B')
                || setweight(search_vector($4), 'C') || array_to_tsvector(search_parts($1) || search_scope($5))
        $$;

        CREATE TABLE ticket_search (
            number bigint NOT NULL PRIMARY KEY,
            vector tsvector NOT NULL
        );
        -- Not LANGUAGE sql, whose statements are planned anew at each call; it would be most of what a ticket costs.
        CREATE FUNCTION index_tickets(numbers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO ticket_search (number, vector)
            SELECT t.number, search_ticket(t.number, t.title, t.tags, t.description, t.requester_id)
            FROM tickets t WHERE t.number = ANY (numbers)
            ON CONFLICT (number) DO UPDATE SET vector = excluded.vector;
            -- Who deleted one meanwhile was waited for, and its words have come again.
            DELETE FROM ticket_search s
            WHERE s.number = ANY (numbers) AND NOT EXISTS (SELECT FROM tickets t WHERE t.number = s.number);
        END $$;
        CREATE FUNCTION index_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                DELETE FROM ticket_search WHERE number = OLD.number;
            ELSIF TG_OP = 'INSERT' THEN
                INSERT INTO ticket_search (number, vector)
                VALUES (NEW.number, search_ticket(NEW.number, NEW.title, NEW.tags, NEW.description, NEW.requester_id));
            ELSE
                PERFORM index_tickets(ARRAY[NEW.number]);
                IF OLD.requester_id <> NEW.requester_id THEN
                    UPDATE comments SET content = content WHERE ticket_id = NEW.id AND deleted_at IS NULL;
                END IF;
            END IF;
            RETURN NULL;
        END $$;
        SELECT index_tickets(ARRAY(SELECT number FROM tickets));
        CREATE INDEX ticket_search_words ON ticket_search USING gin (vector) WITH (gin_pending_list_limit = 1024);
        CREATE TRIGGER search_ticket_comes_or_goes AFTER INSERT OR DELETE ON tickets FOR EACH ROW EXECUTE FUNCTION index_ticket();
        CREATE TRIGGER search_ticket_changes AFTER UPDATE OF title, description, tags, requester_id ON tickets FOR EACH ROW
            WHEN (OLD.title <> NEW.title OR OLD.description <> NEW.description OR OLD.tags <> NEW.tags
                OR OLD.requester_id <> NEW.requester_id)
            EXECUTE FUNCTION index_ticket();

        ALTER TABLE comments ADD COLUMN vector tsvector;
        -- Each expression by itself is one that PL/pgSQL works out without the executor.
        CREATE FUNCTION index_comment() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            requester uuid;
        BEGIN
            IF NEW.deleted_at IS NOT NULL THEN
                NEW.vector := NULL;
            ELSIF NEW.is_private THEN
                NEW.vector := search_vector(NEW.content) || array_to_tsvector(search_parts(NEW.seq));
            ELSE
                SELECT requester_id INTO requester FROM tickets WHERE id = NEW.ticket_id;
                NEW.vector := search_vector(NEW.content) || array_to_tsvector(search_parts(NEW.seq) || search_scope(requester));
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER search_comment BEFORE INSERT OR UPDATE OF content, is_private, deleted_at ON comments FOR EACH ROW
            EXECUTE FUNCTION index_comment();
        UPDATE comments SET content = content WHERE deleted_at IS NULL;
        CREATE INDEX comments_words ON comments USING gin (vector) WITH (gin_pending_list_limit = 1024);

        CREATE TABLE article_numbers (
            number {identity},
            article_id uuid NOT NULL UNIQUE REFERENCES articles (id) ON DELETE CASCADE,
            vector tsvector NOT NULL
        );
        CREATE FUNCTION index_article() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO article_numbers (article_id, vector)
            VALUES (NEW.id, setweight(search_vector(NEW.title), 'A') || setweight(search_vector(NEW.tags), 'B')
                || setweight(search_vector(NEW.content), 'C')
                || array_to_tsvector(CASE WHEN NEW.is_published THEN ARRAY['p 0'] ELSE ARRAY[]::text[] END))
            ON CONFLICT (article_id) DO UPDATE SET vector = excluded.vector;
            RETURN NULL;
        END $$;
        CREATE TRIGGER search_article AFTER INSERT OR UPDATE OF title, content, tags, is_published ON articles FOR EACH ROW
            EXECUTE FUNCTION index_article();
        UPDATE articles SET title = title;
        CREATE INDEX article_numbers_words ON article_numbers USING gin (vector) WITH (gin_pending_list_limit = 1024);
        """#
}
