internal import Storage

extension Desk {
    /// Deletes who voted without a credential before today; how many there were is kept with the article. Gives how many.
    @discardableResult
    public func forgetOldVotes() async throws -> Int { try await inBatches { work in try await work.forgetOldVotes() } }
}

extension Work {
    fileprivate func forgetOldVotes() async throws -> Batch {
        Batch(
            try await db.run(
                """
                DELETE FROM anonymous_votes WHERE (day, article_id, network) IN (
                    SELECT day, article_id, network FROM anonymous_votes WHERE day < \(AnonymousVotes.day(of: now))
                    ORDER BY day LIMIT \(Batch.most))
                """))
    }
}
