public import Domain
internal import Storage
internal import Synchronization

/// How often articles were read since it was last written down: a reader does not wait for that.
final class ArticleViews: Sendable {
    private let counts = Mutex<[Article.ID: Int]>([:])

    func note(_ article: Article.ID, _ count: Int = 1) { counts.withLock { $0[article, default: 0] += count } }

    fileprivate func take() -> [Article.ID: Int] {
        counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
    }
}

extension Desk {
    /// Counts that somebody reads an article. Drafts are not counted. What is counted is written down every few seconds; a crash loses
    /// what came since.
    public func countView(of article: Article) {
        if article.isPublished { views.note(article.id) }
    }

    /// Writes down how often articles were read. To be called from time to time, and at the end; does nothing when none was.
    public func writeViews() async throws {
        let taken = views.take().sorted { $0.key.bits < $1.key.bits }
        var rest = taken[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(100))
            do {
                try await write { work in try await work.db.addViews(part) }
                rest = rest.dropFirst(100)
            } catch {
                for each in rest { views.note(each.key, each.value) }
                throw error
            }
        }
    }
}

extension Connection {
    fileprivate func addViews(_ views: [(key: Article.ID, value: Int)]) async throws {
        // In the order of ids, so that two nodes which write at once lock in one order.
        for view in views {
            try await runSoon("UPDATE articles SET view_count = view_count + \(view.value) WHERE id = \(view.key)")
        }
    }
}
