import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

/// A search goes along the index of words, and from there to tickets and comments by their keys.
@Suite("Plans of searches") struct SearchPlanTests {
    private static func index(_ desk: TestDesk, _ caller: Caller, _ change: (inout TicketFilter) -> Void = { _ in }) -> TicketIndex {
        var filter = TicketFilter()
        change(&filter)
        let engine = desk.database.engine
        return TicketIndex(
            caller: caller, condition: TicketListing.conditions(filter, for: caller, on: engine), engine: engine, common: [])
    }

    private static let match = TextMatch.all([.word("words"), .beginning("title")])

    private func check(_ question: SQL, along index: String, _ desk: TestDesk) async throws {
        let plan = try await desk.read { look in try await Plan(of: question, look.db) }
        switch plan.engine {
        case .postgres: #expect(plan.uses(index), "\(plan)")
        case .sqlite: #expect(plan.lines.contains { $0.contains("VIRTUAL TABLE INDEX") && $0.contains(":M") }, "\(plan)")
        }
        let scans = plan.scans.filter { !$0.contains("VIRTUAL TABLE INDEX") }
        #expect(scans.isEmpty, "\(plan)")
    }

    @Test("tickets and comments are found along the index of words, by everybody", arguments: TestEngine.all)
    func found(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            for caller in [desk.agent, desk.customer] {
                let index = Self.index(desk, caller)
                let newest = SearchWindow.newest(below: 40_000)
                for window in engine.engine == .postgres ? [newest.next(below: 40_000, found: 0, wanted: 100), .all] : [.all] {
                    let tickets = try #require(index.tickets(Self.match, Self.match, below: 30_000, window))
                    try await check(tickets, along: "ticket_search_words", desk)
                    let comments = try #require(index.comments(Self.match, Self.match, below: 60_000, window))
                    try await check(comments, along: "comments_words", desk)
                }
            }
        }
    }

    @Test("PostgreSQL looks at the newest rows along their numbers, and not at the index of a word that many hold")
    func rowByRow() async throws {
        guard let engine = TestEngine.all.first(where: { $0.engine == .postgres }) else { return }
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let (index, window) = (Self.index(desk, desk.agent), SearchWindow.newest(below: 40_000))
            let tickets = try #require(index.tickets(Self.match, Self.match, below: 40_000, window))
            try await check(tickets, along: "ticket_search_pkey", desk)
            let comments = try #require(index.comments(Self.match, Self.match, below: 40_000, window))
            try await check(comments, along: "comments_pkey", desk)
            for question in [tickets, comments] {
                let plan = try await desk.read { look in try await Plan(of: question, look.db) }
                #expect(!plan.uses("ticket_search_words") && !plan.uses("comments_words"), "\(plan)")
            }
        }
    }

    @Test("a search narrowed by a status, a tag and an assignee goes along the index of words too", arguments: TestEngine.all)
    func narrowed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let index = Self.index(desk, desk.agent) { filter in
                (filter.statuses, filter.tags, filter.assignees) = ([.open], ["tag 3"], [.me])
            }
            let tickets = try #require(index.tickets(Self.match, Self.match, below: 30_000, .all))
            try await check(tickets, along: "ticket_search_words", desk)
        }
    }

    @Test("PostgreSQL works out a row's words without calling our functions, whose bodies stand in the place of the calls")
    func inlined() async throws {
        guard let engine = TestEngine.all.first(where: { $0.engine == .postgres }) else { return }
        try await withDesk(on: engine) { desk in
            try await desk.read { look in
                for words: SQL in [
                    "SELECT search_ticket(number, title, tags, description, requester_id) FROM tickets",
                    "SELECT search_vector(content) || array_to_tsvector(search_parts(seq) || search_scope(author_id)) FROM comments",
                ] {
                    let lines = try await look.db.all("EXPLAIN (VERBOSE) \(words)") { $0.text(at: 0) }
                    let output = try #require(lines.first { $0.contains("Output: ") })
                    #expect(output.contains("to_tsvector(") && !output.contains("search_"), "\(output)")
                }
            }
        }
    }

    @Test("an index that is made anew reads its rows in the order of their keys")
    func rebuilt() async throws {
        try await withDesk(on: .sqlite) { desk in
            try await desk.database.write { db in
                // Told that a ticket has few comments, SQLite would rather go from the tickets to theirs.
                try await db.script(
                    """
                    ANALYZE;
                    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('tickets', 'sqlite_autoindex_tickets_1', '1000000 1'),
                        ('comments', 'comments_ticket', '5000000 5 1 1');
                    ANALYZE sqlite_schema;
                    """)
                for (view, key) in [("ticket_words", "number"), ("comment_words", "seq"), ("article_words", "number")] as [(SQL, SQL)] {
                    let plain = try await Plan(of: "SELECT * FROM \(view)", db)
                    let ordered = try await Plan(of: "SELECT * FROM \(view) ORDER BY \(key)", db)
                    #expect(plain.lines == ordered.lines)
                    #expect(!ordered.isSorted, "\(ordered)")
                }
            }
        }
    }

    @Test("what is counted reads no table from end to end", arguments: TestEngine.all)
    func counted(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            for caller in [desk.agent, desk.customer] {
                try await check(Self.index(desk, caller).counting(Self.match, positive: Self.match), along: "comments_words", desk)
            }
        }
    }
}
