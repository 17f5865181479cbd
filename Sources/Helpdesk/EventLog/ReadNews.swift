internal import Storage

/// What has come to the log behind a position, for nobody in particular: `Caller.maySee` says who may be shown what.
public struct LogNews: Sendable {
    /// Oldest first.
    public var events: [Event]
    /// Where to go on from: behind the last event, and behind what tells nothing.
    public var end: Int
    /// Whether there is more at once.
    public var hasMore: Bool
}

extension Desk {
    /// The settled end of the log, from which whoever asks for `news` misses nothing that comes; nil as long as it is not known, because
    /// transactions that ran when this node looked first still run.
    public func endOfLog() async throws -> Int? { try await tail.advance(self) }

    /// What has come behind `position`, a hundred events at most. Ask when the bell rings, and every now and then for what other nodes
    /// write. One who asks for all of a node's listeners is enough.
    public func news(after position: Int) async throws -> LogNews {
        guard let end = try await tail.advance(self), end > position else { return LogNews(events: [], end: position, hasMore: false) }
        let rows = try await read { look in
            try await look.db.all(
                """
                SELECT \(.eventColumns) FROM events e \(.eventTicket)
                WHERE e.seq > \(position) AND e.seq <= \(end) ORDER BY e.seq LIMIT 100
                """
            ) { $0.event() }
        }
        let hasMore = rows.count == LogReader.batchLength
        let now = outside.now()
        return LogNews(
            events: rows.compactMap(\.event).map { attachmentLinks.shown($0, at: now) }, end: rows.last?.seq ?? position, hasMore: hasMore)
    }
}
