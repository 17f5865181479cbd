internal import Domain
internal import Storage

extension Desk {
    /// How long a row of the outbox is kept: once it is done, and while nobody sends it.
    static let outboxDays = 30

    /// Deletes what was sent thirty days ago, and what has waited for so long that its reader has no use for it. Gives how many rows.
    @discardableResult
    public func forgetOldMail() async throws -> Int {
        let done = try await inBatches { work in try await work.forgetMail("done_at <= \(work.oldestMail) ORDER BY done_at") }
        let waiting = try await inBatches { work in
            try await work.forgetMail("done_at IS NULL AND created_at <= \(work.oldestMail) ORDER BY created_at")
        }
        return done + waiting
    }
}

extension Work {
    fileprivate var oldestMail: Moment { now.adding(days: -Desk.outboxDays) }

    fileprivate func forgetMail(_ old: SQL) async throws -> Batch {
        let rows = try await db.all("SELECT id FROM outbox WHERE \(old) LIMIT \(Batch.most)\(db.engine.claim)") { $0.int() }
        return Batch(rows.isEmpty ? 0 : try await db.run("DELETE FROM outbox WHERE id IN \(list: rows)"))
    }
}
