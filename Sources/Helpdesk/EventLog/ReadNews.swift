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

    /// What has come behind `position`, a hundred events at most, and no more than a page has room for. Ask when the bell rings, and every now and then for what other nodes
    /// write. One who asks for all of a node's listeners is enough.
    public func news(after position: Int) async throws -> LogNews {
        guard let end = try await tail.advance(self), end > position else { return LogNews(events: [], end: position, hasMore: false) }
        let (rows, hasMore) = try await read { look in try await look.db.news(after: position, upTo: end, atMost: LogReader.batchLength) }
        let now = outside.now()
        return LogNews(
            events: rows.compactMap(\.event).map { attachmentLinks.shown($0, at: now) }, end: rows.last?.seq ?? position, hasMore: hasMore)
    }
}

extension Connection {
    /// The next rows of the log, no more than a page has room for; and whether there may be more.
    func news(after position: Int, upTo end: Int, atMost count: Int) async throws -> (rows: [LoggedRow], hasMore: Bool) {
        var slice = SliceRequest()
        slice.limit = count
        let rows = try await rows(LogNews.rows(after: position, upTo: end, slice, engine), slice, size: \.size) { $0.event() }
        let bytes = rows.reduce(0) { $0 + $1.size }
        return (try await named(rows), rows.count == slice.limit || bytes > slice.bytes)
    }
}

extension LogNews {
    static func rows(after position: Int, upTo end: Int, _ slice: SliceRequest, _ engine: Engine) -> SQL {
        let rows: SQL = """
            SELECT \(.eventColumns) FROM events e \(.eventTicket)
            WHERE e.seq > \(position) AND e.seq <= \(end) ORDER BY e.seq LIMIT \(slice.limit)
            """
        return slice.bound(rows, size: .eventSize, in: "q.seq", longest: SliceRequest.longestEvent, on: engine)
    }
}
