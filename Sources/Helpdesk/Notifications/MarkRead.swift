public import Domain
internal import Storage

extension Work {
    /// Notes that the caller has read what they were told. Throws `.notFound` for what is not theirs.
    public func markRead(_ id: Notification.ID, as caller: Caller) async throws -> Notification {
        try await db.lockInboxes(of: [caller.id])
        var notification = try await notification(id, of: caller)
        guard notification.readAt == nil else { return notification }
        notification.readAt = now
        try await db.run("UPDATE notifications SET read_at = \(now) WHERE id = \(id)")
        try await db.countDown(1, for: caller.id)
        return notification
    }

    /// Notes that the caller has read all that they see. Gives how many they had not.
    public func markAllRead(as caller: Caller) async throws -> Int {
        try await db.lockInboxes(of: [caller.id])
        let count = try await db.run(
            """
            UPDATE notifications SET read_at = \(now) WHERE person_id = \(caller.id) AND read_at IS NULL AND id IN (
                SELECT n.id FROM \(.notificationsWithAll)
                WHERE n.person_id = \(caller.id) AND n.read_at IS NULL AND \(.seenNotifications(rules.agentScope)))
            """)
        if count > 0 { try await db.countDown(count, for: caller.id) }
        return count
    }
}
