/// A piece of a list that somebody asks for. Lists are read by key: what follows a row is found by the row's own place in the order,
/// so a page costs the same wherever it is, and stays right while rows are added.
public struct SliceRequest: Sendable, Equatable {
    public static let mostItems = 100
    /// As many rows as a list without pages has at most.
    public static let mostBareItems = 1000
    public static let mostOffset = 10_000

    /// 1 to `mostItems`; to `mostBareItems` where a list has no pages.
    public var limit = 20
    /// The last row that was seen; nil at the beginning.
    public var after: Position?
    /// Rows to pass over, for those who cannot follow.
    public var offset = 0
    /// Whether the whole list is counted too.
    public var isCounted = false

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

    /// Lists are not counted further: what a page costs shall not depend on how much there is.
    public static var mostCounted: Int { 10_000 }

    public init(items: [Item], next: Position? = nil, total: Int? = nil) {
        self.items = items
        self.next = next
        self.total = total
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
        slice.unread = unread
        return slice
    }
}
