internal import Storage

extension Migration {
    /// Files: `blobs` are contents, each kept once however often it was sent, and `attachments` what people sent.
    ///
    /// A comment's attachments stand in its own row too, since they never change: reading a page of comments costs nothing for those that
    /// have none, and no second question for those that have. What counts for references is `attachments`.
    ///
    /// A row that was deleted, by its sender or with its comment, stays for a day like one that was never used, and nobody finds it: its bytes
    /// lie in the store for so long, and count for its sender in `upload_totals`.
    static let attachments = Migration(
        "m007_attachments",
        #"""
        CREATE TABLE blobs (
            digest bytea NOT NULL PRIMARY KEY,
            file uuid NOT NULL UNIQUE,
            size bigint NOT NULL,
            refs bigint NOT NULL CHECK (refs >= 0),
            unused_since bigint
        );
        CREATE INDEX blobs_unused ON blobs (unused_since) WHERE unused_since IS NOT NULL;

        CREATE TABLE attachments (
            id uuid NOT NULL PRIMARY KEY,
            digest bytea NOT NULL REFERENCES blobs (digest),
            name text NOT NULL,
            size bigint NOT NULL,
            content_type text NOT NULL,
            uploader_id uuid NOT NULL REFERENCES people (id),
            comment_id uuid REFERENCES comments (id) ON DELETE SET NULL,
            is_deleted boolean NOT NULL DEFAULT FALSE,
            unused_since bigint NOT NULL
        );
        CREATE INDEX attachments_comment ON attachments (comment_id) WHERE comment_id IS NOT NULL;
        CREATE INDEX attachments_unused ON attachments (unused_since) WHERE comment_id IS NULL;
        CREATE INDEX attachments_uploader ON attachments (uploader_id);
        CREATE INDEX attachments_waiting ON attachments (uploader_id) WHERE comment_id IS NULL AND is_deleted = FALSE;
        CREATE INDEX attachments_digest ON attachments (digest);

        CREATE TABLE upload_totals (
            person_id uuid NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
            bytes bigint NOT NULL
        );

        CREATE TABLE file_folders (
            id uuid NOT NULL PRIMARY KEY,
            seen_at bigint NOT NULL
        );
        """#)
}
