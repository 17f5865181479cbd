internal import Storage

/// A piece of text as HTML: what was found stands in `<mark>`, and all else is escaped.
public struct Snippet: Sendable, Equatable {
    public let html: String

    /// What the engines put around what they found.
    static let open: Character = "\u{2}"
    static let close: Character = "\u{3}"
    private static let most = 240

    /// A text in which an engine has set marks. They come out in pairs, whatever stood in the text before.
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
        // PostgreSQL leaves out what looks like a tag, so these stand in for its brackets on the way there.
        case "<", "\u{11}": "&lt;"
        case ">", "\u{12}": "&gt;"
        case "\"": "&quot;"
        case "'": "&#39;"
        default: String(character)
        }
    }
}

extension Connection {
    /// The snippets of what was found, by ticket. None for a ticket in whose text nothing can be marked.
    func snippets(
        of finds: [TicketIndex.Find], _ marked: TextMatch, _ common: Set<String>
    ) async throws -> [Int: Snippet] {
        var snippets: [Int: Snippet] = [:]
        let own = finds.filter { $0.comment == nil }.map(\.number)
        for (number, snippet) in try await self.snippets(ofTickets: own, marked, common) { snippets[number] = snippet }
        let comments = finds.compactMap { find in find.comment.map { ($0, find.number) } }
        let said = try await self.snippets(ofComments: comments.map(\.0), marked, common)
        for (seq, number) in comments { snippets[number] = said[seq] }
        return snippets
    }

    private func snippets(ofTickets numbers: [Int], _ marked: TextMatch, _ common: Set<String>) async throws -> [Int: Snippet] {
        guard !numbers.isEmpty else { return [:] }
        guard engine == .sqlite else {
            return try await pairs(
                """
                SELECT s.number, search_headline(
                    CASE WHEN ts_filter(s.vector, '{a}') @@ \(marked.tsquery) THEN t.title ELSE t.description END, \(marked.tsquery))
                FROM ticket_search s JOIN tickets t ON t.number = s.number WHERE s.number IN \(list: numbers)
                """)
        }
        guard let words = marked.fts5(leavingOut: common) else { return [:] }
        return try await pairs(
            """
            SELECT ticket_search.rowid, snippet(ticket_search, -1, \(String(Snippet.open)), \(String(Snippet.close)), '…', 24)
            FROM ticket_search WHERE ticket_search MATCH \("{title description} : (\(words))") AND ticket_search.rowid IN \(list: numbers)
            """)
    }

    private func snippets(ofComments rows: [Int], _ marked: TextMatch, _ common: Set<String>) async throws -> [Int: Snippet] {
        guard !rows.isEmpty else { return [:] }
        guard engine == .sqlite else {
            return try await pairs(
                "SELECT c.seq, search_headline(c.content, \(marked.tsquery)) FROM comments c WHERE c.seq IN \(list: rows)")
        }
        guard let words = marked.fts5(leavingOut: common) else { return [:] }
        return try await pairs(
            """
            SELECT comment_search.rowid, snippet(comment_search, 0, \(String(Snippet.open)), \(String(Snippet.close)), '…', 24)
            FROM comment_search WHERE comment_search MATCH \("{content} : (\(words))") AND comment_search.rowid IN \(list: rows)
            """)
    }

    func pairs(_ question: SQL) async throws -> [Int: Snippet] {
        let rows = try await all(question) { row in (row.int(), row.optionalText() ?? "") }
        let marked = rows.filter { $0.1.contains(Snippet.open) }.map { ($0.0, Snippet(marked: $0.1)) }
        return Dictionary(marked, uniquingKeysWith: { first, _ in first })
    }

    /// Words that SQLite passes over: those of the language that the index was made for.
    func commonWords() async throws -> Set<String> {
        guard engine == .sqlite else { return [] }
        let language = try await first("SELECT language FROM search_language LIMIT 1") { $0.text() }
        return language == SearchLanguage.english.rawValue ? CommonWords.english : []
    }
}
