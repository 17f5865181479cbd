internal import Storage

extension Migration {
    /// What people are told of, and a row for each of them: how much of it they have not read, and on which ways they want to be told.
    ///
    /// Nothing here refers to tickets or people by a foreign key. To check one PostgreSQL locks the row that is referred to, and whoever
    /// writes on a ticket would wait for those who are told of it.
    static let notifications = Migration(
        "m006_notifications",
        #"""
        CREATE TABLE notifications (
            id uuid NOT NULL PRIMARY KEY,
            person_id uuid NOT NULL,
            reason text NOT NULL,
            ticket_id uuid NOT NULL,
            comment_id uuid,
            is_private boolean NOT NULL,
            actor_id uuid,
            created_at bigint NOT NULL,
            read_at bigint
        );
        CREATE INDEX notifications_person ON notifications (person_id, created_at, id);
        CREATE INDEX notifications_unread ON notifications (person_id, created_at, id) WHERE read_at IS NULL;
        CREATE INDEX notifications_read ON notifications (read_at) WHERE read_at IS NOT NULL;
        CREATE INDEX notifications_ticket ON notifications (ticket_id, created_at);

        CREATE TABLE inboxes (
            person_id uuid NOT NULL PRIMARY KEY,
            unread bigint NOT NULL,
            preferences text NOT NULL,
            revision bigint NOT NULL
        );
        """#)
}
