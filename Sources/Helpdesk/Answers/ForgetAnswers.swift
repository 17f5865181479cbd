internal import Storage

extension Desk {
    /// Deletes answers to repeatable requests that are given no longer. Gives how many.
    @discardableResult
    public func forgetOldAnswers() async throws -> Int { try await inBatches { work in try await work.forgetOldAnswers() } }
}

extension Work {
    fileprivate func forgetOldAnswers() async throws -> Batch {
        let old = try await db.all(
            """
            SELECT digest FROM answers WHERE created_at <= \(oldestAnswer) ORDER BY created_at LIMIT \(Batch.most)\(db.engine.claim)
            """
        ) { $0.bytes() }
        return Batch(old.isEmpty ? 0 : try await db.run("DELETE FROM answers WHERE digest IN \(list: old)"))
    }
}
