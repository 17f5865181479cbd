internal import Domain
internal import Storage

/// Asks the index for tickets: their own rows and those of their comments, as far as the caller may find them.
///
/// What a customer may find is asked of the index itself, by the word that stands in their rows. So what they may not see costs them
/// nothing, and a search that finds nothing takes no longer because others have much of it.
struct TicketIndex {
    let caller: Caller
    /// What a ticket must be, as a condition on `t`.
    let condition: SQL
    let engine: Engine
    /// Words that SQLite passes over.
    let common: Set<String>

    /// A row of the index that was found.
    struct Find {
        var number: Int
        /// The comment's row; nil for the ticket's own.
        var comment: Int?
        var score: Int
    }

    /// How many rows of each kind one look gives at most.
    static let most = 200
    /// With so many a sheaf is good enough, and PostgreSQL need not look further back.
    private static let enough = 100

    /// The newest rows below a number.
    struct Sheaf {
        var finds: [Find] = []
        /// The number below which they are. Looked for below this one, the sheaf is the same, whatever was written meanwhile.
        var top = 0
        /// Where what follows begins, 0 when nothing does.
        var next = 0
    }

    // MARK: - Tickets

    func tickets(_ match: TextMatch, positive: TextMatch, below: Int, _ db: Connection) async throws -> Sheaf {
        switch engine {
        case .sqlite:
            guard let question = tickets(match, positive, below: below, .all) else { return Sheaf() }
            let finds = try await db.all(question) { row in Find(number: row.int(), score: Self.score(row.int(), columns: 3)) }
            let top = (finds.first?.number ?? 0) + 1
            return Sheaf(finds: finds, top: top, next: finds.count < Self.most ? 0 : finds.last?.number ?? 0)
        case .postgres:
            let top = try await self.top("SELECT max(number) FROM ticket_search", below, db)
            return try await inWindows(below: top) { window, below in
                guard let question = tickets(match, positive, below: below, window) else { return [] }
                return try await db.all(question) { row in Find(number: row.int(), score: row.int() * 1000 + row.int()) }
            } place: {
                $0.number
            }
        }
    }

    /// Nil when there is nothing to look for.
    func tickets(_ match: TextMatch, _ positive: TextMatch, below: Int, _ window: SearchWindow) -> SQL? {
        guard engine == .postgres else {
            guard let question = fts5(match, columns: "title labels description") else { return nil }
            return """
                SELECT ticket_search.rowid, search_place(ticket_search, 3) FROM ticket_search
                CROSS JOIN tickets t ON t.number = ticket_search.rowid
                WHERE ticket_search MATCH \(question) AND ticket_search.rowid < \(below) AND \(condition)
                ORDER BY ticket_search.rowid DESC LIMIT 200
                """
        }
        let words = positive.tsquery
        return """
            SELECT k.number, CASE WHEN ts_filter(k.vector, '{a}') @@ \(words) THEN 3 WHEN ts_filter(k.vector, '{a,b}') @@ \(words) THEN 2 ELSE 1 END,
                LEAST(999, CAST(1000 * ts_rank(k.vector, \(words)) AS bigint))
            FROM (
                SELECT s.number, s.vector FROM ticket_search s JOIN tickets t ON t.number = s.number
                WHERE \(found("s.vector", match, window)) AND (SELECT numnode(\(words)) > 0) AND \(window.rows("s.number", below: below))
                    AND \(condition)
                ORDER BY \(window.order("s.number")) DESC LIMIT 200
            ) k ORDER BY k.number DESC
            """
    }

    // MARK: - Comments

    func comments(_ match: TextMatch, positive: TextMatch, below: Int, _ db: Connection) async throws -> Sheaf {
        switch engine {
        case .sqlite:
            guard let question = comments(match, positive, below: below, .all) else { return Sheaf() }
            let finds = try await db.all(question) { row -> Find in
                let seq = row.int()
                return Find(number: row.int(), comment: seq, score: row.int() % 1000)
            }
            let top = (finds.first?.comment ?? 0) + 1
            return Sheaf(finds: finds, top: top, next: finds.count < Self.most ? 0 : finds.last?.comment ?? 0)
        case .postgres:
            let top = try await self.top("SELECT max(seq) FROM comments", below, db)
            return try await inWindows(below: top) { window, below in
                guard let question = comments(match, positive, below: below, window) else { return [] }
                return try await db.all(question) { row -> Find in
                    let seq = row.int()
                    return Find(number: row.int(), comment: seq, score: row.int())
                }
            } place: {
                $0.comment ?? 0
            }
        }
    }

    func comments(_ match: TextMatch, _ positive: TextMatch, below: Int, _ window: SearchWindow) -> SQL? {
        guard engine == .postgres else {
            guard let question = fts5(match, columns: "content") else { return nil }
            return """
                SELECT comment_search.rowid, t.number, search_place(comment_search, 1) FROM comment_search
                CROSS JOIN comments c ON c.seq = comment_search.rowid CROSS JOIN tickets t ON t.id = c.ticket_id
                WHERE comment_search MATCH \(question) AND comment_search.rowid < \(below) AND \(condition)
                ORDER BY comment_search.rowid DESC LIMIT 200
                """
        }
        let words = positive.tsquery
        return """
            SELECT k.seq, k.number, LEAST(999, CAST(1000 * ts_rank(k.vector, \(words)) AS bigint))
            FROM (
                SELECT c.seq, t.number, c.vector FROM comments c JOIN tickets t ON t.id = c.ticket_id
                WHERE \(found("c.vector", match, window)) AND (SELECT numnode(\(words)) > 0) AND \(window.rows("c.seq", below: below))
                    AND \(condition)
                ORDER BY \(window.order("c.seq")) DESC LIMIT 200
            ) k ORDER BY k.seq DESC
            """
    }

    // MARK: - What was met before

    /// Which of these tickets have a row at or above these numbers that matches: those that an earlier sheaf has given.
    func met(
        _ numbers: [Int], _ match: TextMatch, ticketsFrom: Int, commentsFrom: Int, _ db: Connection
    ) async throws -> Set<Int> {
        guard !numbers.isEmpty else { return [] }
        let (own, said): (SQL, SQL)
        switch engine {
        case .sqlite:
            guard let ofTickets = fts5(match, columns: "title labels description"), let ofComments = fts5(match, columns: "content") else {
                return []
            }
            own = """
                SELECT ticket_search.rowid FROM ticket_search
                WHERE ticket_search MATCH \(ofTickets) AND ticket_search.rowid IN \(list: numbers) AND ticket_search.rowid >= \(ticketsFrom)
                """
            said = """
                SELECT t.number FROM tickets t WHERE t.number IN \(list: numbers) AND EXISTS (
                    SELECT 1 FROM comments c CROSS JOIN comment_search ON comment_search.rowid = c.seq
                    WHERE c.ticket_id = t.id AND c.seq >= \(commentsFrom) AND comment_search MATCH \(ofComments))
                """
        case .postgres:
            own = """
                SELECT s.number FROM ticket_search s
                WHERE s.number IN \(list: numbers) AND s.number >= \(ticketsFrom) AND s.vector @@ (SELECT \(match.tsquery)\(scope))
                """
            said = """
                SELECT t.number FROM tickets t WHERE t.number IN \(list: numbers) AND EXISTS (
                    SELECT 1 FROM comments c
                    WHERE c.ticket_id = t.id AND c.seq + 0 >= \(commentsFrom) AND c.vector @@ (SELECT \(match.tsquery)\(scope)))
                """
        }
        return Set(try await db.all(own) { $0.int() } + db.all(said) { $0.int() })
    }

    /// Counts the tickets, up to what lists are counted to.
    func counting(_ match: TextMatch, positive: TextMatch) -> SQL {
        let (own, said): (SQL, SQL)
        switch engine {
        case .sqlite:
            guard let ofTickets = fts5(match, columns: "title labels description"), let ofComments = fts5(match, columns: "content") else {
                return "SELECT 0"
            }
            own = """
                SELECT t.number AS number FROM ticket_search CROSS JOIN tickets t ON t.number = ticket_search.rowid
                WHERE ticket_search MATCH \(ofTickets) AND \(condition)
                """
            said = """
                SELECT t.number AS number FROM comment_search CROSS JOIN comments c ON c.seq = comment_search.rowid
                CROSS JOIN tickets t ON t.id = c.ticket_id WHERE comment_search MATCH \(ofComments) AND \(condition)
                """
        case .postgres:
            let words: SQL = "(SELECT numnode(\(positive.tsquery)) > 0)"
            own = """
                SELECT t.number AS number FROM ticket_search s JOIN tickets t ON t.number = s.number
                WHERE s.vector @@ (SELECT \(match.tsquery)\(scope)) AND \(words) AND \(condition)
                """
            said = """
                SELECT t.number AS number FROM comments c JOIN tickets t ON t.id = c.ticket_id
                WHERE c.vector @@ (SELECT \(match.tsquery)\(scope)) AND \(words) AND \(condition)
                """
        }
        return "SELECT count(*) FROM (SELECT DISTINCT number FROM (\(own) UNION ALL \(said)) k LIMIT 10000) kept"
    }

    // MARK: - In each engine's words

    /// The question with whom it is for; user's words are held to the columns of text, so that none reaches the scope.
    func fts5(_ match: TextMatch, columns: String) -> String? {
        guard let found = match.fts5(leavingOut: common, in: columns) else { return nil }
        return caller.isStaff ? found : "scope : \"\(SearchScope.sqlite(caller.id))\" AND \(found)"
    }

    private static func score(_ place: Int, columns: Int) -> Int { (columns - place / 1000) * 1000 + place % 1000 }

    /// Whether a row is found, among those of a window. Each part of it is a look of its own along the index: PostgreSQL takes time that
    /// grows with the square of the words of which one will do.
    private func found(_ vector: SQL, _ match: TextMatch, _ window: SearchWindow) -> SQL {
        // The index is not asked for what is no operator's answer.
        if window.isRowByRow { return "(\(vector) @@ (SELECT \(match.tsquery)\(scope))) IS TRUE" }
        let looks = window.words.map { word in "\(vector) @@ (SELECT \(match.tsquery)\(scope) && CAST(\(word) AS tsquery))" as SQL }
        return looks.isEmpty ? "\(vector) @@ (SELECT \(match.tsquery)\(scope))" : "(\(looks.joined(by: " OR ")))"
    }

    private var scope: SQL { caller.isStaff ? "" : " && CAST(\(SearchScope.postgres(caller.id)) AS tsquery)" }

    /// Below which number a sheaf is; only its beginning leaves that to the table.
    private func top(_ newest: SQL, _ below: Int, _ db: Connection) async throws -> Int {
        guard below == SearchPlace.highest else { return below }
        return (try await db.first(newest) { $0.optionalInt() ?? 0 } ?? 0) + 1
    }

    /// Looks back part by part until there is enough.
    private func inWindows(
        below top: Int, _ read: (_ window: SearchWindow, _ below: Int) async throws -> [Find], place: (Find) -> Int
    ) async throws -> Sheaf {
        var sheaf = Sheaf(finds: [], top: top, next: top)
        // A customer's own rows are few, and the index finds them without a window.
        var window = caller.isStaff ? SearchWindow.newest(below: top) : .all
        while true {
            let finds = try await read(window, sheaf.next)
            sheaf.finds += finds
            sheaf.next = finds.count == Self.most ? finds.last.map(place) ?? 0 : window.start
            if finds.count == Self.most || window.start == 0 || sheaf.finds.count >= Self.enough { return sheaf }
            window = window.next(below: top, found: sheaf.finds.count, wanted: Self.enough - sheaf.finds.count)
        }
    }
}

/// The words in the index that say who may find a row, and how new it is. No question can hold them: FTS5 keeps them in a column that
/// questions are not asked of, and PostgreSQL's have a blank in them.
enum SearchScope {
    /// The last digit keeps the word from being taken for an inflected one.
    static func sqlite(_ person: Person.ID) -> String { "r" + person.text.filter { $0 != "-" } + "0" }
    static func postgres(_ person: Person.ID) -> String { "'r \(person.text)'" }
}
