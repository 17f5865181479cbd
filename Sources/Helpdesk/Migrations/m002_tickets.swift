internal import Storage

extension Migration {
    /// Tickets, what is said on them, and who follows them. A page is read in the order of an index; which list goes along which is told
    /// by `TicketLead`.
    ///
    /// What every comment moves stands in no index of `tickets`: PostgreSQL then writes the row anew in its own page, and touches none of
    /// the indexes. So the order by the last change is kept by a narrow table, without those in the bin.
    ///
    /// People are referred to without a foreign key. They are never deleted, only emptied; and to check one, PostgreSQL locks the person's
    /// row, which all comments that somebody writes at once would then write to.
    static let tickets = Migration(
        "m002_tickets",
        #"""
        CREATE TABLE tickets (
            number {identity},
            id uuid NOT NULL UNIQUE,
            title text NOT NULL,
            description text NOT NULL,
            status text NOT NULL,
            priority bigint NOT NULL,
            category text,
            type text,
            tags text NOT NULL,
            requester_id uuid NOT NULL,
            assignee_id uuid,
            support_role text NOT NULL,
            channel text NOT NULL,
            embed_token uuid NOT NULL UNIQUE,
            created_at bigint NOT NULL,
            first_responded_at bigint,
            resolved_at bigint,
            closed_at bigint,
            deleted_at bigint,
            revision bigint NOT NULL,
            comment_count bigint NOT NULL,
            updated_at bigint NOT NULL,
            shown_revision bigint NOT NULL,
            shown_comment_count bigint NOT NULL,
            shown_updated_at bigint NOT NULL,
            status_since bigint NOT NULL DEFAULT 0,
            reopenings bigint NOT NULL DEFAULT 0,
            first_resolved_at bigint,
            last_resolved_at bigint
        ){roomy};
        CREATE INDEX tickets_status ON tickets (status, created_at, number) WHERE deleted_at IS NULL;
        CREATE INDEX tickets_priority ON tickets (status, priority, number) WHERE deleted_at IS NULL;
        CREATE INDEX tickets_requester ON tickets (requester_id, created_at, number) WHERE deleted_at IS NULL;
        CREATE INDEX tickets_assignee ON tickets (assignee_id, status, created_at, number) WHERE deleted_at IS NULL;
        CREATE INDEX tickets_category ON tickets (category, created_at, number) WHERE deleted_at IS NULL AND category IS NOT NULL;
        CREATE INDEX tickets_type ON tickets (type, created_at, number) WHERE deleted_at IS NULL AND type IS NOT NULL;
        CREATE INDEX tickets_support_role ON tickets (support_role, created_at, number)
            WHERE deleted_at IS NULL AND support_role <> 'general';
        CREATE INDEX tickets_deleted ON tickets (deleted_at, number) WHERE deleted_at IS NOT NULL;
        CREATE INDEX tickets_deleted_requester ON tickets (requester_id, number) WHERE deleted_at IS NOT NULL;

        CREATE TABLE tickets_by_change (
            status text NOT NULL,
            updated_at bigint NOT NULL,
            ticket_number bigint NOT NULL,
            PRIMARY KEY (status, updated_at, ticket_number)
        ){by_key};

        CREATE TABLE tags (
            key text COLLATE "C" NOT NULL PRIMARY KEY,
            name text NOT NULL
        );

        CREATE TABLE ticket_tags (
            tag text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            ticket_number bigint NOT NULL REFERENCES tickets (number) ON DELETE CASCADE,
            PRIMARY KEY (tag, created_at, ticket_number)
        );
        CREATE INDEX ticket_tags_ticket ON ticket_tags (ticket_number);

        CREATE TABLE comments (
            seq {identity},
            id uuid NOT NULL UNIQUE,
            ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
            author_id uuid NOT NULL,
            content text NOT NULL,
            is_private boolean NOT NULL,
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            deleted_at bigint,
            revision bigint NOT NULL,
            links text NOT NULL,
            attachments text NOT NULL DEFAULT '[]'
        );
        CREATE INDEX comments_ticket ON comments (ticket_id, created_at, id);
        CREATE INDEX comments_author ON comments (author_id, id);

        CREATE TABLE followers (
            ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
            person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
            created_at bigint NOT NULL,
            PRIMARY KEY (ticket_id, person_id)
        );
        CREATE INDEX followers_person ON followers (person_id, ticket_id);

        CREATE TABLE assignment_turns (
            name text COLLATE "C" NOT NULL PRIMARY KEY,
            last_id uuid
        );
        INSERT INTO assignment_turns (name, last_id) VALUES ('round_robin', NULL);
        """#)
}
