internal import Storage

/// Which rows a look of PostgreSQL's goes through. The looks of a search follow each other from the newest rows back, each behind the one
/// before it: first a few rows one by one, then parts of the index, by the words that a row holds for the parts of the table it came with.
struct SearchWindow: Equatable {
    /// Of which a row holds one; none for all rows from `start` on.
    var words: [String] = []
    /// Where it begins; 0 in the last look of a search.
    var start = 0
    /// Whether the rows are looked at by their numbers, without the index of words.
    var isRowByRow = false

    static let all = SearchWindow()
    /// So few rows are looked at one by one. It takes PostgreSQL a millisecond, and the index as long for a word that many rows hold.
    private static let mostRowByRow = 2_048
    /// Parts of 16,384 rows and of 524,288, and how many of them a look goes through one by one before the larger ones, or all rows, take
    /// it less time.
    private static let sizes = [(letter: "e", bits: 14, most: 8), (letter: "f", bits: 19, most: 4)]
    /// How many rows a look should find at most. It is PostgreSQL's work of two or three milliseconds, and others wait for no more than that.
    private static let most = 64
    /// How many times as far as all looks before it the next one goes at most: no great leap on the word of the newest.
    private static let leap = 32

    /// The first look, for rows below a number. It is a short one: where the words are common it finds enough, and where they are not it
    /// costs next to nothing.
    static func newest(below top: Int) -> SearchWindow { covering(512, below: top) }

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
        if rows <= mostRowByRow { return SearchWindow(start: max(0, top - rows), isRowByRow: true) }
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

extension SearchWindow {
    /// Which numbers are looked at. Where the index of words is to be gone along, that of the numbers must not be.
    func rows(_ number: SQL, below: Int) -> SQL {
        isRowByRow ? "\(number) < \(below) AND \(number) >= \(start)" : "\(number) + 0 < \(below)"
    }

    func order(_ number: SQL) -> SQL { isRowByRow ? number : "\(number) + 0" }
}
