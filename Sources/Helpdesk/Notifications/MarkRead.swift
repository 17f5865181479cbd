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

    /// How many are noted by one statement.
    private static var readAtOnce: Int { 500 }
    /// How many of somebody's notifications one request looks at; who has more asks again.
    static var mostMarked: Int { 10_000 }

    /// Notes that the caller has read all that they see. Gives how many they had not.
    public func markAllRead(as caller: Caller) async throws -> Int {
        try await db.lockInboxes(of: [caller.id])
        // Found first, and then changed by their ids: with the question inside of the change PostgreSQL, which plans for any values, may go
        // through all of them once for each of them.
        let unread = try await db.all(.unread(of: caller.id, rules.agentScope, atMost: Self.mostMarked)) { $0.id(of: Notification.self) }
        var count = 0
        var rest = unread[...]
        while !rest.isEmpty {
            let ids = Array(rest.prefix(Self.readAtOnce))
            rest = rest.dropFirst(ids.count)
            count += try await db.run("UPDATE notifications SET read_at = \(now) WHERE id IN \(list: ids) AND read_at IS NULL")
        }
        if count > 0 { try await db.countDown(count, for: caller.id) }
        return count
    }
}

extension SQL {
    /// The ids of what somebody was told, sees and has not read, the oldest first.
    static func unread(of person: Person.ID, _ scope: Rules.AgentScope, atMost most: Int) -> SQL {
        let theirs = SQL.notifications(of: person, unreadOnly: true, scope)
        return "SELECT n.id \(theirs) ORDER BY n.created_at, n.id LIMIT \(most)"
    }
}
