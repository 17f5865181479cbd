internal import Domain
internal import Storage
internal import Synchronization

/// Which keys were used, until somebody writes it down: a request does not wait for that.
final class KeyUses: Sendable {
    /// A key's last use is written at most so often.
    private static let seconds = 60

    private let noted = Mutex<[APIKey.ID: Moment]>([:])

    func note(_ key: APIKey, at now: Moment) {
        if let last = key.lastUsedAt, now < last.adding(seconds: Self.seconds) { return }
        noted.withLock { _ = $0.updateValue(now, forKey: key.id) }
    }

    fileprivate func take() -> [APIKey.ID: Moment] {
        noted.withLock { noted in
            defer { noted = [:] }
            return noted
        }
    }
}

extension Desk {
    /// Writes down when keys were last used. To be called from time to time; does nothing when none was.
    public func writeKeyUses() async throws {
        let uses = keyUses.take().sorted { $0.key.bits < $1.key.bits }
        guard !uses.isEmpty else { return }
        try await write { work in
            for use in uses {
                try await work.db.run(
                    """
                    UPDATE api_keys SET last_used_at = \(use.value)
                    WHERE id = \(use.key) AND (last_used_at IS NULL OR last_used_at < \(use.value))
                    """)
            }
        }
    }
}
