internal import Storage

/// A piece of text as HTML: what was found stands in `<mark>`, and all else is escaped.
public struct Snippet: Sendable, Equatable {
    public let html: String

    /// What the engines put around what they found.
    static let open: Character = "\u{2}"
    static let close: Character = "\u{3}"
    private static let behindOriginal: Unicode.Scalar = "\u{4}"
    private static let most = 240

    /// A text in which an engine has set marks; before it may stand the piece of the original, as long as it, into which they belong. They
    /// come out in pairs, whatever stood in the text before.
    init(marked text: String) {
        let parts = text.unicodeScalars.split(separator: Self.behindOriginal, maxSplits: 1, omittingEmptySubsequences: false)
        let text = parts.count == 2 ? Self.marking(parts[0], as: parts[1]) : text
        var html = ""
        var isOpen = false
        for character in text {
            switch character {
            case Self.open where !isOpen:
                html += "<mark>"
                isOpen = true
            case Self.close where isOpen:
                html += "</mark>"
                isOpen = false
            case Self.open, Self.close: break
            default: html += Self.escaped(character)
            }
        }
        self.html = isOpen ? html + "</mark>" : html
    }

    /// The original with the marks of its likeness, scalar by scalar.
    private static func marking(_ original: Substring.UnicodeScalarView, as likeness: Substring.UnicodeScalarView) -> String {
        var marked = String.UnicodeScalarView()
        var rest = original
        for scalar in likeness {
            if Character(scalar) == open || Character(scalar) == close {
                marked.append(scalar)
            } else if let next = rest.popFirst() {
                marked.append(next)
            }
        }
        return String(marked)
    }

    /// The beginning of a text in which nothing is marked.
    init(beginning text: String) {
        let piece = text.prefix(Self.most)
        html = piece.map(Self.escaped).joined() + (piece.endIndex < text.endIndex ? "…" : "")
    }

    private static func escaped(_ character: Character) -> String {
        switch character {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        case "'": "&#39;"
        default: String(character)
        }
    }
}

extension Connection {
    /// The snippets of what was found, by ticket. None for a ticket in whose text nothing can be marked.
    /// - Parameters:
    ///   - match: what each of these rows holds.
    ///   - index: where they were found.
    func snippets(of finds: [TicketIndex.Find], _ match: TextMatch, in index: TicketIndex) async throws -> [Int: Snippet] {
        var snippets: [Int: Snippet] = [:]
        let own = finds.filter { $0.comment == nil }.map(\.number)
        for (number, snippet) in try await self.snippets(ofTickets: own, match, index) { snippets[number] = snippet }
        let comments = finds.compactMap { find in find.comment.map { ($0, find.number) } }
        let said = try await self.snippets(ofComments: comments.map(\.0), match, index)
        for (seq, number) in comments { snippets[number] = said[seq] }
        return snippets
    }

    private func snippets(ofTickets numbers: [Int], _ match: TextMatch, _ index: TicketIndex) async throws -> [Int: Snippet] {
        guard let first = numbers.min(), let last = numbers.max() else { return [:] }
        guard engine == .sqlite else {
            let words = match.words.tsquery
            return try await inTurn(numbers) { numbers in
                """
                SELECT s.number, search_headline(
                    CASE WHEN ts_filter(s.vector, '{a}') @@ \(words) THEN t.title ELSE t.description END, \(words))
                FROM ticket_search s JOIN tickets t ON t.number = s.number WHERE s.number IN \(list: numbers)
                """
            }
        }
        guard let question = index.fts5(match, columns: "title labels description") else { return [:] }
        return try await pairs(snippets(of: "ticket_search", columns: ["0", "2"], question, first...last, numbers), texts: 2)
    }

    private func snippets(ofComments rows: [Int], _ match: TextMatch, _ index: TicketIndex) async throws -> [Int: Snippet] {
        guard let first = rows.min(), let last = rows.max() else { return [:] }
        guard engine == .sqlite else {
            return try await inTurn(rows) { rows in
                "SELECT c.seq, search_headline(c.content, \(match.words.tsquery)) FROM comments c WHERE c.seq IN \(list: rows)"
            }
        }
        guard let question = index.fts5(match, columns: "content") else { return [:] }
        return try await pairs(snippets(of: "comment_search", columns: ["0"], question, first...last, rows))
    }

    /// From SQLite. It goes along what matches between the first and the last row: asked for each of the rows by itself, it would open the
    /// lists of all words again each time.
    private func snippets(of index: SQL, columns: [SQL], _ question: String, _ range: ClosedRange<Int>, _ rows: [Int]) -> SQL {
        let pieces = columns.map { column -> SQL in
            "snippet(\(index), \(column), \(String(Snippet.open)), \(String(Snippet.close)), '…', 24)"
        }
        return """
            SELECT \(index).rowid, \(pieces.joined(by: ", ")) FROM \(index)
            WHERE \(index) MATCH \(question) AND \(index).rowid >= \(range.lowerBound) AND \(index).rowid <= \(range.upperBound)
                AND +\(index).rowid IN \(list: rows)
            """
    }

    /// From PostgreSQL, which takes a good part of a millisecond for each: a few at a time, so that others get their turn between.
    private func inTurn(_ rows: [Int], _ question: ([Int]) -> SQL) async throws -> [Int: Snippet] {
        var snippets: [Int: Snippet] = [:]
        for part in rows.inParts(ofAtMost: 4) {
            for (row, snippet) in try await pairs(question(Array(part))) { snippets[row] = snippet }
        }
        return snippets
    }

    /// The first of the row's texts that holds a mark; none when none does.
    func pairs(_ question: SQL, texts count: Int = 1) async throws -> [Int: Snippet] {
        let rows = try await all(question) { row in
            let number = row.int()
            return (number, (0..<count).map { _ in row.optionalText() ?? "" })
        }
        let marked = rows.compactMap { number, texts in
            texts.first { $0.contains(Snippet.open) }.map { (number, Snippet(marked: $0)) }
        }
        return Dictionary(marked, uniquingKeysWith: { first, _ in first })
    }

    /// Words that SQLite passes over: those of the language that the index was made for.
    func commonWords() async throws -> Set<String> {
        guard engine == .sqlite else { return [] }
        let language = try await first("SELECT language FROM search_language LIMIT 1") { $0.text() }
        return language == SearchLanguage.english.rawValue ? CommonWords.english : []
    }
}
