internal import Storage

extension Migration {
    /// Articles, what they said before, what they are found by, and what readers thought of them.
    ///
    /// A slug is its article's for good once that was published: when another takes its place it goes on leading there. `category_slug` is the category in an
    /// address, and `title_key` what a category's page is sorted by.
    static let knowledge = Migration(
        "m004_knowledge",
        #"""
        CREATE TABLE articles (
            id uuid NOT NULL PRIMARY KEY,
            slug text COLLATE "C" NOT NULL UNIQUE,
            title text NOT NULL,
            title_key text COLLATE "C" NOT NULL,
            content text NOT NULL,
            category text,
            category_slug text COLLATE "C" NOT NULL,
            tags text NOT NULL,
            is_published boolean NOT NULL,
            was_published boolean NOT NULL DEFAULT TRUE,
            has_chosen_slug boolean NOT NULL DEFAULT FALSE,
            author_id uuid NOT NULL REFERENCES people (id),
            view_count bigint NOT NULL CHECK (view_count >= 0),
            helpful bigint NOT NULL CHECK (helpful >= 0),
            unhelpful bigint NOT NULL CHECK (unhelpful >= 0),
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            revision bigint NOT NULL
        );
        CREATE INDEX articles_created ON articles (created_at, id);
        CREATE INDEX articles_published ON articles (created_at, id) WHERE is_published = TRUE;
        CREATE INDEX articles_drafts ON articles (created_at, id) WHERE is_published = FALSE;
        CREATE INDEX articles_category ON articles (category, created_at, id) WHERE category IS NOT NULL;
        CREATE INDEX articles_shelves ON articles (category_slug, title_key, id) WHERE is_published = TRUE;

        CREATE TABLE article_slugs (
            slug text COLLATE "C" NOT NULL PRIMARY KEY,
            article_id uuid NOT NULL REFERENCES articles (id) ON DELETE CASCADE
        );
        CREATE INDEX article_slugs_article ON article_slugs (article_id);

        CREATE TABLE article_tags (
            tag text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            article_id uuid NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            PRIMARY KEY (tag, created_at, article_id)
        );
        CREATE INDEX article_tags_article ON article_tags (article_id);

        CREATE TABLE article_versions (
            article_id uuid NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            number bigint NOT NULL,
            title text NOT NULL,
            content text NOT NULL,
            category text,
            tags text NOT NULL,
            is_published boolean NOT NULL,
            editor_id uuid NOT NULL REFERENCES people (id),
            created_at bigint NOT NULL,
            PRIMARY KEY (article_id, number)
        );

        CREATE TABLE article_votes (
            article_id uuid NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            is_helpful boolean NOT NULL,
            at bigint NOT NULL,
            PRIMARY KEY (article_id, person_id)
        );
        CREATE INDEX article_votes_person ON article_votes (person_id);

        CREATE TABLE anonymous_votes (
            day bigint NOT NULL,
            article_id uuid NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            network text COLLATE "C" NOT NULL,
            provider text COLLATE "C" NOT NULL,
            is_helpful boolean NOT NULL,
            PRIMARY KEY (day, article_id, network)
        );
        CREATE INDEX anonymous_votes_provider ON anonymous_votes (day, provider);
        CREATE INDEX anonymous_votes_article ON anonymous_votes (article_id);
        """#)
}
