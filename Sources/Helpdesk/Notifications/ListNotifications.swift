public import Domain
internal import Storage

extension Look {
    /// A slice of what the caller was told, newest first, with how much of it they have not read.
    public func notifications(unreadOnly: Bool, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Notification> {
        let theirs = SQL.notifications(of: caller.id, unreadOnly: unreadOnly, desk.rules.agentScope)
        let rows = try await db.all(slice.notifications(theirs)) { $0.notification() }
        var total: Int?
        if slice.isCounted {
            total = try await db.first("SELECT count(*) FROM (SELECT n.id \(theirs) LIMIT 10000) k") { $0.int() }
        }
        var found = Slice(rows, limit: slice.limit, total: total) { Position(key: $0.createdAt.milliseconds, tie: $0.id.bits) }
        found.unread = try await db.first("SELECT unread FROM inboxes WHERE person_id = \(caller.id)") { $0.int() } ?? 0
        return found
    }
}

extension SQL {
    /// Where somebody's notifications come from.
    static func notifications(of person: Person.ID, unreadOnly: Bool, _ scope: Rules.AgentScope) -> SQL {
        let isUnread: SQL = unreadOnly ? " AND n.read_at IS NULL" : ""
        return "FROM \(.notificationsWithAll) WHERE n.person_id = \(person)\(isUnread) AND \(.seenNotifications(scope))"
    }
}

extension SliceRequest {
    /// A page of them, newest first, and one more.
    func notifications(_ theirs: SQL) -> SQL {
        let after: SQL = after.map { " AND (n.created_at, n.id) < (\($0.key), \($0.tie))" } ?? ""
        return "SELECT \(.notificationColumns) \(theirs)\(after) ORDER BY n.created_at DESC, n.id DESC\(room)"
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
