internal import Codec
internal import Domain
internal import Storage

// How notifications are kept, and what of them somebody sees.

extension SQL {
    /// The columns of a notification, in the order in which `Row.notification` reads them.
    static var notificationColumns: SQL {
        "n.id, n.reason, t.id, t.number, t.title, t.status, n.comment_id, n.actor_id, a.name, n.created_at, n.read_at"
    }

    /// Notifications with whose they are (`p`), their tickets, comments and actors. `seenNotifications` says which go together.
    static var notificationsWithAll: SQL {
        """
        notifications n CROSS JOIN people p CROSS JOIN tickets t
        LEFT JOIN comments c ON c.id = n.comment_id LEFT JOIN people a ON a.id = n.actor_id
        """
    }

    /// The notifications that those whose they are may see now; the rule of `Caller.maySee`. What a deleted comment or a ticket in the bin
    /// was about is seen by nobody.
    ///
    /// Nearly all that somebody was told they still see. PostgreSQL would think the contrary, look for all of it and sort it, where a page
    /// needs the newest alone; behind a CASE it expects half.
    static func seenNotifications(_ scope: Rules.AgentScope) -> SQL {
        let isAgents: SQL =
            scope == .assigned ? " AND (t.assignee_id IS NULL OR t.assignee_id = p.id OR t.requester_id = p.id)" : ""
        return """
            p.id = n.person_id AND t.id = n.ticket_id AND t.deleted_at IS NULL
            AND (n.comment_id IS NULL OR (c.id IS NOT NULL AND c.deleted_at IS NULL))
            AND CASE
                WHEN p.role = 'admin' OR (p.role = 'agent'\(isAgents)) OR (n.is_private = FALSE AND t.requester_id = p.id)
                THEN TRUE ELSE FALSE END
            """
    }
}

extension Row {
    mutating func notification() -> Notification {
        let (id, reason) = (id(of: Notification.self), word(Notification.Reason.self))
        let ticket = Notification.About(id: self.id(), number: int(), title: text(), status: word())
        let comment = optionalID(of: Comment.self)
        let (actor, name) = (optionalID(of: Person.self), optionalText())
        return Notification(
            id: id, reason: reason, ticket: ticket, comment: comment,
            actor: actor.map { Party(id: $0, name: name ?? "", email: nil, role: .guest) }, createdAt: moment(), readAt: optionalMoment())
    }
}

extension Connection {
    /// Locks the rows of people who are told things, so that what is counted for them now is not changed by others. In one order, so that
    /// nobody waits for somebody who waits for them.
    func lockInboxes(of people: [Person.ID]) async throws {
        guard engine == .postgres, !people.isEmpty else { return }
        _ = try await all(
            "SELECT person_id FROM inboxes WHERE person_id IN \(list: people) ORDER BY person_id\(engine.lock)"
        ) { $0.uuid() }
    }

    /// Counts anew what people have not read. Their inboxes must be locked by a statement before this one.
    func recount(_ people: [Person.ID], _ scope: Rules.AgentScope) async throws {
        guard !people.isEmpty else { return }
        try await run(
            """
            UPDATE inboxes SET unread = (
                SELECT count(*) FROM \(.notificationsWithAll)
                WHERE n.person_id = inboxes.person_id AND n.read_at IS NULL AND \(.seenNotifications(scope)))
            WHERE person_id IN \(list: people)
            """)
    }

    /// Counts down what somebody has not read, whose inbox is locked.
    func countDown(_ count: Int, for person: Person.ID) async throws {
        // Not below nothing: what became invisible a moment ago may not have been counted yet.
        try await run(
            """
            UPDATE inboxes SET unread = CASE WHEN unread > \(count) THEN unread - \(count) ELSE 0 END WHERE person_id = \(person)
            """)
    }
}
