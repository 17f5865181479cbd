/// How far back a look goes in PostgreSQL's index, by the words that a row holds for the parts of the table that it came with.
struct SearchWindow {
    /// Of which a row holds one; none for all rows.
    var words: [String] = []
    /// Where it begins.
    var start = 0

    static let all = SearchWindow()
    /// The two newest parts of 16,384 rows, and of 524,288.
    private static let sizes = [(letter: "e", bits: 14), (letter: "f", bits: 19)]

    /// One look after another, each further back, for rows below a number.
    static func looks(from top: Int) -> [SearchWindow] {
        let parts = sizes.compactMap { letter, bits -> SearchWindow? in
            let part = max(0, top - 1) >> bits
            guard part > 1 else { return nil }
            return SearchWindow(words: [part, part - 1].map { "'\(letter) \($0)'" }, start: (part - 1) << bits)
        }
        return parts + [.all]
    }
}
