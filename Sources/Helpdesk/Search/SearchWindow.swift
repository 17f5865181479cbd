/// Which part of PostgreSQL's index a look goes through, by the words that a row holds for the parts of the table that it came with. The
/// looks of a search follow each other from the newest rows back, each behind the one before it.
struct SearchWindow: Equatable {
    /// Of which a row holds one; none for all rows.
    var words: [String] = []
    /// Where it begins.
    var start = 0

    static let all = SearchWindow()
    /// Parts of 16,384 rows and of 524,288, and how many of them a look goes through one by one before the larger ones, or all rows, take
    /// it less time.
    private static let sizes = [(letter: "e", bits: 14, most: 8), (letter: "f", bits: 19, most: 4)]
    /// How many rows a look should find at most. It is PostgreSQL's work of two or three milliseconds, and others wait for no more than that.
    private static let most = 64
    /// How many times as far as all looks before it the next one goes at most: no great leap on the word of the newest.
    private static let leap = 32

    /// The first look, for rows below a number.
    static func newest(below top: Int) -> SearchWindow { covering(1 << 14, below: top) }

    /// The look behind this one.
    /// - Parameters:
    ///   - top: where the first look began.
    ///   - found: how many rows all looks so far have found.
    ///   - wanted: how many more there should be.
    func next(below top: Int, found: Int, wanted: Int) -> SearchWindow {
        let span = top - start
        let expected = min(wanted + wanted / 4 + 8, Self.most)
        // Where older rows hold less than the newest, it must not come to many looks.
        let rows = max(span * expected / max(found, 1), span / 4)
        return .covering(min(rows, span * Self.leap), below: start)
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
