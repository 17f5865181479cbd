internal import Domain
internal import Storage

extension Desk {
    /// Under which name `log_readers` keeps how far the log was emptied.
    static let retention = "retention"

    /// Empties what events older than `Rules.eventDays` told, from the oldest on; the rows stay, so that readers of the log see no hole.
    /// It begins where it stopped the last time, and passes no reader of the log that has yet to come there. Gives how many rows it passed.
    @discardableResult
    public func emptyOldEvents() async throws -> Int {
        guard rules.eventDays > 0 else { return 0 }
        try await write { work in
            try await work.db.run("INSERT INTO log_readers (name, seq) VALUES (\(Self.retention), 0) ON CONFLICT DO NOTHING")
        }
        return try await inBatches { work in try await work.emptyOldEvents() }
    }
}

extension Work {
    /// Stops at the first row that is not old: a clock that was wrong for a moment may have it stop earlier than it could, and never empties
    /// what is new.
    fileprivate func emptyOldEvents() async throws -> Batch {
        // Another node that does so now has locked its place.
        guard let place = try await db.claimCursor(of: Desk.retention) else { return Batch(0) }
        let end = try await db.first("SELECT min(seq) FROM log_readers WHERE name <> \(Desk.retention)") { $0.optionalInt() }
        let rows = try await db.all(.events(after: place, upTo: end ?? nil)) { (seq: $0.int(), at: $0.moment()) }
        let oldest = now.adding(days: -rules.eventDays)
        let old = rows.prefix { $0.at <= oldest }
        guard let last = old.last?.seq else { return Batch(0) }
        try await db.run(
            """
            UPDATE events SET data = '{}', changes = '{}', old_text = NULL
            WHERE seq > \(place) AND seq <= \(last) AND (data <> '{}' OR changes <> '{}')
            """)
        try await db.run("UPDATE log_readers SET seq = \(last) WHERE name = \(Desk.retention)")
        return Batch(old.count)
    }
}

extension SQL {
    /// A batch of the log's rows behind one place, up to another.
    fileprivate static func events(after place: Int, upTo end: Int?) -> SQL {
        let isRead: SQL = if let end { " AND seq <= \(end)" } else { "" }
        return "SELECT seq, at FROM events WHERE seq > \(place)\(isRead) ORDER BY seq LIMIT \(Batch.most)"
    }
}
