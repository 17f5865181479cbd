internal import Domain
internal import Storage

extension Desk {
    /// How long a sign-in that has ended, and a link that is over, are kept.
    static let endedCredentialDays = 30

    /// Deletes sign-ins that ended thirty days ago, with their refresh tokens. Gives how many.
    @discardableResult
    public func forgetEndedSessions() async throws -> Int {
        let expired = try await inBatches { work in
            try await work.forgetSessions("expires_at <= \(work.oldestEnded) ORDER BY expires_at")
        }
        let revoked = try await inBatches { work in
            try await work.forgetSessions("revoked_at <= \(work.oldestEnded) ORDER BY revoked_at")
        }
        return expired + revoked
    }

    /// Deletes links that were over thirty days ago. Gives how many.
    @discardableResult
    public func forgetOldLinks() async throws -> Int { try await inBatches { work in try await work.forgetOldLinks() } }
}

extension Work {
    fileprivate var oldestEnded: Moment { now.adding(days: -Desk.endedCredentialDays) }

    fileprivate func forgetSessions(_ ended: SQL) async throws -> Batch {
        let sessions = try await db.all("SELECT id FROM sessions WHERE \(ended) LIMIT \(Batch.most)\(db.engine.claim)") {
            $0.id(of: Session.self)
        }
        if sessions.isEmpty { return Batch(0) }
        // Before their sign-ins, which would take them along however many there are.
        let tokens = try await db.all(
            "SELECT digest FROM refresh_tokens WHERE session_id IN \(list: sessions) LIMIT \(Batch.most)"
        ) { $0.bytes() }
        if !tokens.isEmpty { try await db.run("DELETE FROM refresh_tokens WHERE digest IN \(list: tokens)") }
        if tokens.count == Batch.most { return Batch(0, hasMore: true) }
        let count = try await db.run("DELETE FROM sessions WHERE id IN \(list: sessions)")
        return Batch(count, hasMore: sessions.count == Batch.most)
    }

    fileprivate func forgetOldLinks() async throws -> Batch {
        let old = try await db.all(
            """
            SELECT digest FROM mailed_links WHERE expires_at <= \(oldestEnded)
            ORDER BY expires_at LIMIT \(Batch.most)\(db.engine.claim)
            """
        ) { $0.bytes() }
        return Batch(old.isEmpty ? 0 : try await db.run("DELETE FROM mailed_links WHERE digest IN \(list: old)"))
    }
}
