internal import Storage

extension Migration {
    /// The log that everything else reads. Rows are only ever added; erasing somebody's words empties `data` and nothing else.
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
            actor_name text NOT NULL,
            ticket_id uuid,
            object_id uuid NOT NULL,
            is_private boolean NOT NULL,
            data text NOT NULL,
            changes text NOT NULL
        );
        CREATE INDEX events_ticket ON events (ticket_id, seq) WHERE ticket_id IS NOT NULL;
        CREATE INDEX events_object ON events (object_id) WHERE ticket_id IS NULL;

        CREATE TABLE log_readers (
            name text COLLATE "C" NOT NULL PRIMARY KEY,
            seq bigint NOT NULL
        );
        """#)
}
