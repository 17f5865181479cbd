public import Domain
internal import Storage

extension Look {
    /// A slice of what the caller was told, newest first, with how much of it they have not read.
    public func notifications(unreadOnly: Bool, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Notification> {
        let isUnread: SQL = unreadOnly ? " AND n.read_at IS NULL" : ""
        let after: SQL = slice.after.map { " AND (n.created_at, n.id) < (\($0.key), \($0.tie))" } ?? ""
        let theirs: SQL =
            "FROM \(.notificationsWithAll) WHERE n.person_id = \(caller.id)\(isUnread) AND \(.seenNotifications(desk.rules.agentScope))"
        let rows = try await db.all(
            "SELECT \(.notificationColumns) \(theirs)\(after) ORDER BY n.created_at DESC, n.id DESC\(slice.room)"
        ) { $0.notification() }
        var total: Int?
        if slice.isCounted {
            total = try await db.first("SELECT count(*) FROM (SELECT n.id \(theirs) LIMIT 10000) k") { $0.int() }
        }
        var found = Slice(rows, limit: slice.limit, total: total) { Position(key: $0.createdAt.milliseconds, tie: $0.id.bits) }
        found.unread = try await db.first("SELECT unread FROM inboxes WHERE person_id = \(caller.id)") { $0.int() } ?? 0
        return found
    }
}

extension Work {
    /// One of the caller's notifications. Throws `.notFound`, also for what they may see no longer.
    func notification(_ id: Notification.ID, of caller: Caller) async throws -> Notification {
        let found = try await db.first(
            """
            SELECT \(.notificationColumns) FROM \(.notificationsWithAll)
            WHERE n.id = \(id) AND n.person_id = \(caller.id) AND \(.seenNotifications(rules.agentScope))
            """
        ) { $0.notification() }
        guard let found else { throw DeskError.notFound("Notification not found") }
        return found
    }
}
