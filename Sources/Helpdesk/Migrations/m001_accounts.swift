internal import Storage

extension Migration {
    /// People and all that they sign in with. Of a secret only a digest is kept, or it is sealed with a key made of the desk's.
    static let accounts = Migration(
        "m001_accounts",
        #"""
        CREATE TABLE people (
            id uuid NOT NULL PRIMARY KEY,
            origin text NOT NULL,
            email text,
            email_key text COLLATE "C",
            username text,
            username_key text COLLATE "C",
            first_name text NOT NULL,
            last_name text NOT NULL,
            name text NOT NULL,
            name_key text COLLATE "C",
            role text NOT NULL,
            support_role text NOT NULL,
            is_active boolean NOT NULL,
            is_available boolean NOT NULL,
            is_verified boolean NOT NULL,
            needs_proof boolean NOT NULL DEFAULT FALSE,
            locale text,
            time_zone text,
            password_hash text,
            totp_secret bytea,
            totp_confirmed boolean NOT NULL,
            totp_last_step bigint NOT NULL,
            issuer text COLLATE "C",
            subject text COLLATE "C",
            claimed_at bigint,
            claims_end_at bigint,
            open_tickets bigint NOT NULL CHECK (open_tickets >= 0),
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            deleted_at bigint,
            revision bigint NOT NULL
        );
        CREATE UNIQUE INDEX people_account_email ON people (email_key) WHERE origin = 'account';
        CREATE UNIQUE INDEX people_contact_email ON people (email_key) WHERE origin = 'contact';
        CREATE INDEX people_email ON people (email_key);
        CREATE UNIQUE INDEX people_username ON people (username_key) WHERE username_key IS NOT NULL;
        CREATE UNIQUE INDEX people_issuer ON people (issuer, subject) WHERE origin = 'delegated';
        CREATE INDEX people_created ON people (created_at, id) WHERE deleted_at IS NULL;
        CREATE INDEX people_role ON people (role, created_at, id) WHERE deleted_at IS NULL;
        CREATE INDEX people_inactive ON people (created_at, id) WHERE deleted_at IS NULL AND is_active = FALSE;
        CREATE INDEX people_name ON people (name_key, id) WHERE deleted_at IS NULL;
        CREATE INDEX people_staff ON people (role, id) WHERE role IN ('agent', 'admin') AND is_active = TRUE;

        CREATE TABLE people_words (
            word text COLLATE "C" NOT NULL,
            person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            PRIMARY KEY (word, person_id)
        );
        CREATE INDEX people_words_person ON people_words (person_id);

        CREATE TABLE sessions (
            id uuid NOT NULL PRIMARY KEY,
            person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            user_agent text NOT NULL,
            address text NOT NULL,
            created_at bigint NOT NULL,
            last_used_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            revoked_at bigint
        );
        CREATE INDEX sessions_person ON sessions (person_id, created_at);
        CREATE INDEX sessions_expiry ON sessions (expires_at);
        CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

        CREATE TABLE refresh_tokens (
            digest bytea NOT NULL PRIMARY KEY,
            session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            used_at bigint
        );
        CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

        CREATE TABLE api_keys (
            id uuid NOT NULL PRIMARY KEY,
            person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            name text NOT NULL,
            digest bytea NOT NULL UNIQUE,
            scopes text NOT NULL,
            expires_at bigint,
            last_used_at bigint,
            created_at bigint NOT NULL
        );
        CREATE INDEX api_keys_person ON api_keys (person_id, created_at);

        CREATE TABLE mailed_links (
            digest bytea NOT NULL PRIMARY KEY,
            person_id uuid REFERENCES people (id) ON DELETE CASCADE,
            purpose text NOT NULL,
            email_key text COLLATE "C",
            expires_at bigint NOT NULL,
            used_at bigint
        );
        CREATE INDEX mailed_links_expiry ON mailed_links (expires_at);
        CREATE INDEX mailed_links_person ON mailed_links (person_id);

        CREATE TABLE recovery_codes (
            person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            digest bytea NOT NULL,
            used_at bigint,
            PRIMARY KEY (person_id, digest)
        );

        CREATE TABLE secrets (
            name text COLLATE "C" NOT NULL PRIMARY KEY,
            secret bytea NOT NULL
        );

        CREATE TABLE answers (
            digest bytea NOT NULL PRIMARY KEY,
            person_id uuid NOT NULL,
            body_digest bytea NOT NULL,
            standing text NOT NULL,
            status bigint NOT NULL,
            fields text NOT NULL,
            body bytea NOT NULL,
            created_at bigint NOT NULL
        );
        CREATE INDEX answers_created ON answers (created_at);
        CREATE INDEX answers_person ON answers (person_id);

        CREATE TABLE departures (
            person_id uuid NOT NULL PRIMARY KEY,
            is_erased boolean NOT NULL
        );

        CREATE TABLE outbox (
            id {identity},
            kind text NOT NULL,
            person_id uuid,
            address text,
            payload bytea NOT NULL,
            created_at bigint NOT NULL,
            next_try_at bigint NOT NULL,
            tries bigint NOT NULL,
            done_at bigint,
            fault text,
            CHECK (done_at IS NULL OR length(payload) = 0)
        );
        CREATE INDEX outbox_due ON outbox (next_try_at, id) WHERE done_at IS NULL;
        CREATE INDEX outbox_waiting ON outbox (created_at) WHERE done_at IS NULL;
        CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
        CREATE INDEX outbox_person ON outbox (person_id);
        """#)
}
