import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

/// A page of the longest texts would be twenty-five megabytes: it ends before, and its cursor goes on.
@Suite("Pages of long texts") struct LongTextTests {
    /// 256 KiB.
    private static let longest = String(repeating: "😀", count: 65_536)
    private static let count = 20
    /// Nobody waits for these searches.
    private static var rules: Rules {
        var rules = Rules()
        rules.searchTimeout = 60_000
        return rules
    }

    /// Goes through a list, and gives how many bytes each page had and what was in them.
    private func walk<Item>(
        limit: Int = 100, bytes: Int = SliceRequest.mostBytes, size: (Item) -> Int,
        _ page: (SliceRequest) async throws -> Slice<Item>
    ) async throws -> [Item] {
        var slice = SliceRequest()
        (slice.limit, slice.bytes) = (limit, bytes)
        var items: [Item] = []
        repeat {
            let found = try await page(slice)
            let sum = found.items.reduce(0) { $0 + size($1) }
            #expect(sum <= bytes || found.items.count == 1, "\(sum) bytes")
            #expect(!found.items.isEmpty)
            items += found.items
            slice.after = found.next
        } while slice.after != nil && items.count < 1000
        return items
    }

    @Test("of comments", arguments: TestEngine.all)
    func comments(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            var written: [Comment.ID] = []
            for _ in 0..<Self.count { written.append(try await desk.comment(Self.longest, on: ticket, by: desk.customer).id) }
            for limit in [20, 100] {
                let found = try await walk(limit: limit, size: \Comment.content.utf8.count) { slice in
                    try await desk.read { look in try await look.comments(on: .id(ticket.id), slice, as: desk.customer) }
                }
                #expect(found.map(\.id) == written)
            }
            let one = try await walk(bytes: 10, size: \Comment.content.utf8.count) { slice in
                try await desk.read { look in try await look.publicComments(on: .id(ticket.id), slice, as: desk.agent) }
            }
            #expect(one.map(\.id) == written)
        }
    }

    @Test("of tickets, along any index, and of what a search finds", arguments: TestEngine.all)
    func tickets(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules) { desk in
            var opened: [Int] = []
            for number in 0..<Self.count {
                var draft = TicketDraft()
                draft.title = "Printer on fire"
                draft.description = Self.longest
                draft.type = number % 2 == 0 ? "fire" : nil
                let ready = draft
                opened.append(try await desk.write { work in try await work.open(ready, as: desk.customer) }.number)
            }
            for key in [TicketOrder.Key.createdAt, .updatedAt, .priority, .number] {
                for isDescending in [true, false] {
                    var filter = TicketFilter()
                    filter.order = TicketOrder(by: key, isDescending: isDescending)
                    let ready = filter
                    let found = try await walk(size: \Ticket.description.utf8.count) { slice in
                        try await desk.read { look in try await look.tickets(ready, slice, as: desk.agent) }
                    }
                    #expect(found.map(\.number) == (isDescending ? opened.reversed() : opened), "\(key)")
                }
            }
            let query = try SearchQuery("fire", at: "q")
            let found = try await walk(size: \FoundTicket.ticket.description.utf8.count) { slice in
                try await desk.desk.search(for: Asker(desk.agent)) { look in try await look.tickets(query, slice, as: desk.agent) }
            }
            #expect(found.map(\.ticket.number).sorted() == opened)
        }
    }

    @Test("of events and of a ticket's history", arguments: TestEngine.all)
    func events(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let ticket = try await desk.ticket()
            for number in 0..<Self.count {
                try await desk.change(ticket, by: desk.agent) { $0.description = Self.longest.dropLast().description + "\(number % 10)" }
            }
            let seqs = try await desk.database.read { db in
                try await db.all("SELECT seq FROM events WHERE ticket_id = \(ticket.id) ORDER BY seq") { $0.int() }
            }
            #expect(seqs.count == Self.count + 1)
            func size(_ event: Event) -> Int {
                guard case .ticket(let ticket) = event.subject else { return 0 }
                return ticket.description.utf8.count
            }
            var ofTicket = EventQuestion()
            ofTicket.ticket = .id(ticket.id)
            for (question, caller) in [(ofTicket, desk.customer), (ofTicket, desk.agent), (EventQuestion(), desk.customer)] {
                let found = try await walk(size: size) { slice in try await desk.desk.events(question, slice, as: caller) }
                #expect(found.map(\.seq) == seqs)
            }
            let all = try await walk(size: size) { slice in try await desk.desk.events(EventQuestion(), slice, as: desk.admin) }
            #expect(all.map(\.seq).filter { seqs.contains($0) } == seqs)
            let history = try await walk(size: { (entry: HistoryEntry) in entry.changes.count }) { slice in
                let found = try await desk.read { look in try await look.history(of: .id(ticket.id), slice, as: desk.agent) }
                #expect(found.items.count <= SliceRequest.mostBytes / (2 * 262_000) + 1)
                return found
            }
            #expect(history.count == seqs.count)
            let news = try await desk.desk.read { look in
                try await look.db.news(after: 0, upTo: seqs[Self.count], atMost: 500)
            }
            #expect(news.hasMore && news.rows.count < Self.count)
        }
    }

    @Test("of articles, their versions, and what a search of them finds", arguments: TestEngine.all)
    func articles(on engine: TestEngine) async throws {
        try await withDesk(on: engine, Self.rules) { desk in
            var draft = ArticleDraft()
            (draft.title, draft.content, draft.isPublished) = ("Fire", Self.longest, true)
            let ready = draft
            var written: [Article.ID] = []
            for _ in 0..<Self.count {
                desk.clock.advance(seconds: 1)
                written.append(try await desk.write { work in try await work.write(ready, as: desk.agent) }.id)
            }
            let found = try await walk(size: \Article.content.utf8.count) { slice in
                try await desk.read { look in try await look.articles(ArticleFilter(), slice, as: nil) }
            }
            #expect(found.map(\.id) == written.reversed())
            let query = try SearchQuery("fire", at: "query")
            let searched = try await walk(size: \FoundArticle.article.content.utf8.count) { slice in
                try await desk.desk.search(for: Asker(desk.agent)) { look in
                    try await look.articles(query, at: "query", ArticleSearchFilter(), slice, as: nil)
                }
            }
            #expect(Set(searched.map(\.article.id)) == Set(written) && searched.count == written.count)
            let first = written[0]
            let versions = try await walk(bytes: 100, size: \ArticleVersion.content.utf8.count) { slice in
                try await desk.read { look in try await look.versions(of: .id(first), slice, as: desk.agent) }
            }
            #expect(versions.count == 1)
        }
    }
}
