internal import Domain
internal import Storage

extension Desk {
    /// How long notifications are kept: from when they were read, and from when they were made.
    static let readNotificationDays = 90
    static let notificationDays = 365

    /// Deletes what people read ninety days ago, and what they were told a year ago, read or not. Gives how many notifications.
    @discardableResult
    public func forgetOldNotifications() async throws -> Int {
        let read = try await inBatches { work in try await work.forgetReadNotifications() }
        return try await read + inBatches { work in try await work.forgetNotifications() }
    }
}

extension Work {
    /// Those that are read count in nobody's inbox.
    fileprivate func forgetReadNotifications() async throws -> Batch {
        let old = try await db.all(
            """
            SELECT id FROM notifications WHERE read_at <= \(now.adding(days: -Desk.readNotificationDays))
            ORDER BY read_at LIMIT \(Batch.most)\(db.engine.claim)
            """
        ) { $0.id(of: Notification.self) }
        return Batch(old.isEmpty ? 0 : try await db.run("DELETE FROM notifications WHERE id IN \(list: old)"))
    }

    fileprivate func forgetNotifications() async throws -> Batch {
        // Their ids tell when they were made: an index by time would cost every comment, and tempt PostgreSQL to look for one person's in it.
        let oldestKept = Notification.ID(madeFrom: now.adding(days: -Desk.notificationDays))
        let old = try await db.all(
            """
            SELECT id, person_id, read_at FROM notifications WHERE id < \(oldestKept) ORDER BY id LIMIT \(Batch.most)
            """
        ) { (id: $0.id(of: Notification.self), person: $0.id(of: Person.self), isRead: $0.optionalMoment() != nil) }
        if old.isEmpty { return Batch(0) }
        let readers = Array(Set(old.filter { !$0.isRead }.map(\.person)))
        // Before their notifications, as everybody does.
        try await db.lockInboxes(of: readers)
        try await db.run("DELETE FROM notifications WHERE id IN \(list: old.map(\.id))")
        try await db.recount(readers, rules.agentScope)
        return Batch(old.count)
    }
}
