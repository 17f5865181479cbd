/// What waits for one of a few places, such as a scan's lane: each owner holds one place at most, and the owners that wait take turns.
/// A pure value, bounded as a whole and for each owner.
public struct TurnQueue<Item> {
    private struct Line {
        var items: ArraySlice<Item> = []
        var running = 0
        /// Whether the owner stands in `turns`.
        var hasTurn = false
    }

    private var lines: [ScanOwner: Line] = [:]
    /// The owners of which one more item may begin, the next first.
    private var turns: ArraySlice<ScanOwner> = []
    private let bound: Int
    private let boundEach: Int
    /// How many items wait.
    public private(set) var count = 0

    /// - Parameters:
    ///   - bound: how many items may wait.
    ///   - boundEach: how many of them may be one person's or one network's.
    public init(bound: Int, boundEach: Int) {
        self.bound = bound
        self.boundEach = boundEach
    }

    /// Whether an item may begin as soon as there is a place.
    public var hasNext: Bool { !turns.isEmpty }

    /// Whether the next item would be refused, whoever's it is.
    public var isFull: Bool { count >= bound }

    /// Whether one more item of this owner could begin now.
    public func mayBegin(_ owner: ScanOwner) -> Bool { lines[owner].map { $0.running == 0 || owner == .server } ?? true }

    /// Adds an item behind the owner's others. False, and not added, when too many wait.
    public mutating func add(_ item: Item, of owner: ScanOwner) -> Bool {
        var line = lines[owner] ?? Line()
        guard !isFull, line.items.count < boundEach || owner == .server else { return false }
        line.items.append(item)
        count += 1
        put(line, of: owner)
        return true
    }

    /// Takes out the item whose turn it is. Its owner holds a place until `finish`.
    public mutating func next() -> (item: Item, owner: ScanOwner)? {
        guard let owner = turns.popFirst(), var line = lines[owner], let item = line.items.popFirst() else { return nil }
        count -= 1
        line.running += 1
        line.hasTurn = false
        put(line, of: owner)
        return (item, owner)
    }

    /// An item of this owner has ended.
    public mutating func finish(_ owner: ScanOwner) {
        guard var line = lines[owner] else { return }
        line.running -= 1
        put(line, of: owner)
    }

    /// The least of what `value` gives for the items that wait; nil when none do.
    public func earliest<Moment: Comparable>(_ value: (Item) -> Moment) -> Moment? {
        lines.values.compactMap { $0.items.map(value).min() }.min()
    }

    /// Takes out the items that are meant, whether or not it is their turn.
    public mutating func remove(where isMeant: (Item) -> Bool) -> [Item] {
        var removed: [Item] = []
        for (owner, var line) in lines {
            let (meant, others) = (line.items.filter(isMeant), line.items.filter { !isMeant($0) })
            guard !meant.isEmpty else { continue }
            removed += meant
            line.items = others[...]
            if others.isEmpty, line.hasTurn {
                line.hasTurn = false
                turns.removeAll { $0 == owner }
            }
            put(line, of: owner)
        }
        count -= removed.count
        return removed
    }

    /// Keeps a line, and gives its owner a turn where one is due. Lines of those who neither wait nor run are not kept.
    private mutating func put(_ line: Line, of owner: ScanOwner) {
        var line = line
        if !line.hasTurn, !line.items.isEmpty, line.running == 0 || owner == .server {
            line.hasTurn = true
            turns.append(owner)
        }
        lines[owner] = line.items.isEmpty && line.running <= 0 ? nil : line
    }
}
