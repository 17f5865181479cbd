// Chores that delete or empty what is old do so in transactions that each stay short: no writer waits long, however much there is.

/// What one such transaction has done.
struct Batch: Sendable {
    let count: Int
    /// Whether to begin another at once.
    let hasMore: Bool

    /// How many rows one takes at most. A row may hold a text of half a MiB.
    static let most = 100

    init(_ count: Int, hasMore: Bool) {
        self.count = count
        self.hasMore = hasMore
    }

    /// One that took all that there was, up to the most that it may.
    init(_ count: Int) { self.init(count, hasMore: count == Self.most) }
}

extension Desk {
    /// Runs transactions until one has found no more. Gives how many rows they took.
    ///
    /// Several nodes may do so at once: a batch claims its rows, or a row of its own that says how far it has come.
    func inBatches(_ batch: @escaping @Sendable (Work) async throws -> Batch) async throws -> Int {
        var count = 0
        while true {
            let done = try await write(batch)
            count += done.count
            if !done.hasMore { return count }
        }
    }
}
