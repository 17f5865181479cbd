internal import Domain
internal import Storage

extension Desk {
    /// How long notifications are kept.
    static let notificationDays = 90
    /// How many go in one transaction.
    static let notificationBatch = 500

    /// Deletes what people were told ninety days ago. Returns how many notifications went.
    @discardableResult
    public func forgetOldNotifications() async throws -> Int {
        var count = 0
        while true {
            let gone = try await write { work in try await work.forgetNotifications(atMost: Self.notificationBatch) }
            count += gone
            if gone < Self.notificationBatch { return count }
        }
    }
}

extension Work {
    fileprivate func forgetNotifications(atMost most: Int) async throws -> Int {
        // Their ids tell when they were made: an index by time would cost every comment, and tempt PostgreSQL to look for one person's in it.
        let oldestKept = Notification.ID(madeFrom: now.adding(days: -Desk.notificationDays))
        let old = try await db.all(
            """
            SELECT id, person_id, read_at FROM notifications WHERE id < \(oldestKept) ORDER BY id LIMIT \(most)
            """
        ) { (id: $0.id(of: Notification.self), person: $0.id(of: Person.self), isRead: $0.optionalMoment() != nil) }
        if old.isEmpty { return 0 }
        let readers = Array(Set(old.filter { !$0.isRead }.map(\.person)))
        // Before their notifications, as everybody does.
        try await db.lockInboxes(of: readers)
        try await db.run("DELETE FROM notifications WHERE id IN \(list: old.map(\.id))")
        try await db.recount(readers, rules.agentScope)
        return old.count
    }
}
