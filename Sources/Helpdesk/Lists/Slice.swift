/// A piece of a list that somebody asks for. Lists are read by key: what follows a row is found by the row's own place in the order,
/// so a page costs the same wherever it is, and stays right while rows are added.
public struct SliceRequest: Sendable, Equatable {
    public static let mostItems = 100
    /// As many rows as a list without pages has at most.
    public static let mostBareItems = 1000
    public static let mostOffset = 10_000
    /// The longest text that a row may have: 65,536 characters of four bytes.
    static let longestText = 65_536 * 4
    /// The same of an event: a text before and after, and once more in what it tells of, each with nearly all of it escaped.
    static let longestEvent = 3 * 65_536 * 6
    /// How many bytes of texts a page has at most; a single row may be longer. A loop that reads and writes one serves nobody else
    /// meanwhile, some milliseconds.
    public static let mostBytes = 512 * 1024
    /// The same where each text comes as HTML too, which is several times as long.
    public static let mostBytesWithHTML = 256 * 1024
    /// How long all rows may be that PostgreSQL is asked for without having it add up their lengths.
    static let mostUnmeasured = 5 * 1024 * 1024

    /// 1 to `mostItems`; to `mostBareItems` where a list has no pages.
    public var limit = 20
    /// The last row that was seen; nil at the beginning.
    public var after: Position?
    /// Whose list the cursor was given for that says so; nil without one, and where a list is nobody's.
    public var owner: UInt128?
    /// Rows to pass over, for those who cannot follow.
    public var offset = 0
    /// Whether the whole list is counted too.
    public var isCounted = false
    /// The slice ends before its texts have more bytes than this, though never before its first row.
    public var bytes = SliceRequest.mostBytes

    public init() {}
}

/// Where a row stands in its list: by what the list is sorted, and then by what tells equal rows apart.
public struct Position: Sendable, Hashable {
    public let key: Int
    public let tie: UInt128

    public init(key: Int, tie: UInt128) {
        self.key = key
        self.tie = tie
    }
}

/// A piece of a list.
public struct Slice<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Where the last item stands when more follow; nil at the end.
    public var next: Position?
    /// How many there are in all, if that was asked: exact up to `mostCounted`, which then means that many or more.
    public var total: Int?
    /// How many of the whole list nobody has read yet, where a list knows that.
    public var unread: Int?
    /// The ticket, article or person whose list it is; nil where it is nobody's.
    public var owner: UInt128?

    /// Lists are not counted further: what a page costs shall not depend on how much there is.
    public static var mostCounted: Int { 10_000 }

    public init(items: [Item], next: Position? = nil, total: Int? = nil) {
        self.items = items
        self.next = next
        self.total = total
    }

    /// A slice of rows of which one more was asked for than the slice has room for, by its limit or by its bytes, to see whether there are more.
    ///
    /// - Parameter size: how many bytes the texts of a row have.
    init(
        _ rows: consuming [Item], _ request: SliceRequest, total: Int? = nil, at position: (Item) -> Position, size: (Item) -> Int
    ) {
        let count = rows.countFitting(request, size)
        self.init(rows, limit: count, total: total, at: position)
    }

    /// A slice of rows of which one more than `limit` was asked for, to see whether there are more.
    init(_ rows: consuming [Item], limit: Int, total: Int? = nil, at position: (Item) -> Position) {
        let hasMore = rows.count > limit
        if hasMore { rows.removeLast(rows.count - limit) }
        items = rows
        next = hasMore ? items.last.map(position) : nil
        self.total = total
    }

    public func map<Other: Sendable>(_ change: (Item) -> Other) -> Slice<Other> {
        var slice = Slice<Other>(items: items.map(change), next: next, total: total)
        (slice.unread, slice.owner) = (unread, owner)
        return slice
    }
}

extension Array {
    /// How many of these rows, from the first on, a slice has room for.
    func countFitting(_ request: SliceRequest, _ size: (Element) -> Int) -> Int {
        var (count, bytes) = (0, 0)
        for row in prefix(request.limit) {
            bytes += size(row)
            if bytes > request.bytes, count > 0 { break }
            count += 1
        }
        return count
    }
}
