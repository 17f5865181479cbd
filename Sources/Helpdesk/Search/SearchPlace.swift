internal import Domain

/// Where a search has come to. It goes through the rows that match from the newest on, a sheaf at a time; within a sheaf the best come
/// first. So the first page costs no more when a million rows match, and no row is met twice: a sheaf is the rows below two numbers, which
/// new rows do not move.
struct SearchPlace: Equatable {
    /// First what holds the words as they are; then what holds a longer word in place of the last.
    enum Stage: Int { case words, beginnings }

    var stage = Stage.words
    /// The sheaf's rows are those of comments, and of tickets, below these numbers.
    var comments = Self.highest
    var tickets = Self.highest
    /// Whether sheaves came before it, whose tickets must not come again.
    var isLater = false
    /// The last that was given of the sheaf; nil at its beginning.
    var last: Rank?

    /// How good a find is: the better first, and of equals the newer ticket.
    struct Rank: Hashable, Comparable {
        var score: Int
        var number: Int

        static func < (left: Rank, right: Rank) -> Bool { (left.score, left.number) < (right.score, right.number) }
    }

    static let highest = 1 << 42

    init() {}

    // MARK: - As a position in a list

    init(_ position: Position) {
        comments = max(0, min(position.key, Self.highest))
        let bits = position.tie
        stage = bits & 1 == 1 ? .beginnings : .words
        isLater = bits >> 1 & 1 == 1
        tickets = min(Int(truncatingIfNeeded: bits >> 2 & 0x7FF_FFFF_FFFF), Self.highest)
        let score = Int(truncatingIfNeeded: bits >> 46 & 0xFFFF)
        let number = Int(truncatingIfNeeded: bits >> 62 & 0x7FF_FFFF_FFFF)
        if number > 0 { last = Rank(score: score, number: number) }
    }

    var position: Position {
        var bits = UInt128(stage.rawValue)
        if isLater { bits |= 2 }
        bits |= UInt128(tickets) << 2
        if let last {
            bits |= UInt128(min(last.score, 0xFFFF)) << 46
            bits |= UInt128(last.number) << 62
        }
        return Position(key: comments, tie: bits)
    }
}
