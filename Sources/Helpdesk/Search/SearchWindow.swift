/// How far back a look goes in PostgreSQL's index, by the words that a row holds for the parts of the table that it came with.
struct SearchWindow: Equatable {
    /// Of which a row holds one; none for all rows.
    var words: [String] = []
    /// Where it begins.
    var start = 0

    static let all = SearchWindow()
    /// Parts of 16,384 rows and of 524,288, and how many of them a look goes through one by one before the larger ones, or all rows, take
    /// it less time.
    private static let sizes = [(letter: "e", bits: 14, most: 8), (letter: "f", bits: 19, most: 4)]

    /// The first look, for rows below a number.
    static func newest(below top: Int) -> SearchWindow { covering(1 << 14, below: top) }

    /// The next look, after one that found too few: as far back as there should be enough, but no great leap on the word of the newest.
    func next(below top: Int, found: Int, wanted: Int) -> SearchWindow {
        .covering((top - start) * min(2 * wanted / max(found, 1), 32), below: top)
    }

    private static func covering(_ rows: Int, below top: Int) -> SearchWindow {
        let newest = max(0, top - 1)
        for (letter, bits, most) in sizes {
            let last = newest >> bits
            let first = (newest - rows) >> bits
            guard first > 0, last - first < most else { continue }
            return SearchWindow(words: (first...last).map { "'\(letter) \($0)'" }, start: first << bits)
        }
        return .all
    }
}
