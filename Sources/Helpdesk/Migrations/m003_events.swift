internal import Storage

extension Migration {
    /// The log that everything else reads. Rows are only ever added; erasing empties `data`, `changes` and `old_text`, and nothing else.
    ///
    /// People stand in it by id. A long text is where it belongs, in its ticket, comment or article; an event that changed it keeps what it
    /// said before, in `old_text`.
    ///
    /// `seq` counts up, with gaps; in PostgreSQL from a sequence without a cache, so that it is drawn when the row is written.
    static let events = Migration(
        "m003_events",
        #"""
        CREATE TABLE events (
            seq {identity},
            id uuid NOT NULL,
            type text NOT NULL,
            at bigint NOT NULL,
            actor_id uuid,
            ticket_id uuid,
            object_id uuid NOT NULL,
            is_private boolean NOT NULL,
            data text NOT NULL,
            changes text NOT NULL,
            old_text text,
            recipient_id uuid
        );
        CREATE INDEX events_ticket ON events (ticket_id, seq) WHERE ticket_id IS NOT NULL;
        CREATE INDEX events_object ON events (object_id) WHERE ticket_id IS NULL;
        CREATE INDEX events_old_texts ON events (object_id, seq) WHERE old_text IS NOT NULL;
        CREATE INDEX events_recipient ON events (recipient_id, seq) WHERE recipient_id IS NOT NULL;
        CREATE INDEX events_public ON events (seq) WHERE ticket_id IS NULL AND is_private = FALSE;

        CREATE TABLE log_readers (
            name text COLLATE "C" NOT NULL PRIMARY KEY,
            seq bigint NOT NULL
        );
        """#)
}
