internal import Domain
internal import Storage

/// A piece of text as HTML: what was found stands in `<mark>`, and all else is escaped.
public struct Snippet: Sendable, Equatable {
    public let html: String

    /// What the engines put around what they found.
    static let open: Character = "\u{2}"
    static let close: Character = "\u{3}"
    private static let most = 240

    init(html: String) { self.html = html }

    /// A text in which SQLite has set marks. They come out in pairs, whatever stood in the text before.
    init(marked text: String) {
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
    func snippets(
        of finds: [TicketIndex.Find], in tickets: [Int: Ticket], _ match: TextMatch, _ index: TicketIndex
    ) async throws -> [Int: Snippet] {
        let comments = finds.compactMap { find in find.comment.map { (seq: $0, ticket: find.number) } }
        let own = finds.filter { $0.comment == nil }.map(\.number)
        guard engine == .sqlite else {
            let said = try await contents(ofComments: comments.map(\.seq))
            let texts =
                own.compactMap { number in tickets[number].map { (number, [$0.title, $0.description]) } }
                + comments.compactMap { comment in said[comment.seq].map { (comment.ticket, [$0]) } }
            return try await snippets(of: texts, match)
        }
        var snippets = try await self.snippets(ofTickets: own, match, index)
        let said = try await self.snippets(ofComments: comments.map(\.seq), match, index)
        for comment in comments { snippets[comment.ticket] = said[comment.seq] }
        return snippets
    }

    /// From PostgreSQL, by the number that stands before the texts: the first of them in which something is marked.
    func snippets(of texts: [(Int, [String])], _ match: TextMatch) async throws -> [Int: Snippet] {
        let worded = texts.map { number, texts in (number, texts.map { WordedText($0) }) }
        let marked = try await MarkedWords(of: worded.flatMap(\.1), match, self)
        var snippets: [Int: Snippet] = [:]
        for (number, texts) in worded {
            snippets[number] = texts.lazy.compactMap { Snippet($0, marking: marked) }.first
        }
        return snippets
    }

    /// As much of each as a snippet is made of.
    private func contents(ofComments rows: [Int]) async throws -> [Int: String] {
        if rows.isEmpty { return [:] }
        let contents = try await all(
            "SELECT seq, left(content, CAST(\(WordedText.most) AS integer)) FROM comments WHERE seq IN \(list: rows)"
        ) { row in
            let seq = row.int()
            return (seq, row.text())
        }
        return Dictionary(contents, uniquingKeysWith: { first, _ in first })
    }

    private func snippets(ofTickets numbers: [Int], _ match: TextMatch, _ index: TicketIndex) async throws -> [Int: Snippet] {
        guard let first = numbers.min(), let last = numbers.max() else { return [:] }
        guard let question = index.fts5(match, columns: "title labels description") else { return [:] }
        return try await pairs(snippets(of: "ticket_search", columns: ["0", "2"], question, first...last, numbers), texts: 2)
    }

    private func snippets(ofComments rows: [Int], _ match: TextMatch, _ index: TicketIndex) async throws -> [Int: Snippet] {
        guard let first = rows.min(), let last = rows.max() else { return [:] }
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
