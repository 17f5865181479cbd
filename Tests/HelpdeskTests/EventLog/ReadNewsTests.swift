import Domain
import TestEngines
import Testing

@testable import Helpdesk

@Suite("News of the log") struct ReadNewsTests {
    @Test("what comes is told once, in order, to whoever goes on from the end", arguments: TestEngine.all)
    func comes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.ticket()
            let end = try await desk.endOfLog()
            #expect(try await desk.desk.news(after: end).events.isEmpty)
            let ticket = try await desk.ticket()
            try await desk.comment("Between us", on: ticket, by: desk.agent, .private)
            let news = try await desk.newsUntil(2, after: end)
            #expect(news.events.map(\.type) == [.ticketCreated, .commentCreated] && !news.hasMore)
            #expect(news.events.map { desk.customer.maySee($0) } == [true, false])
            #expect(news.events.allSatisfy { desk.agent.maySee($0) && !desk.otherCustomer.maySee($0) })
            #expect(try await desk.desk.news(after: news.end).events.isEmpty)
        }
    }

    @Test("what is much comes in pieces", arguments: TestEngine.all)
    func pieces(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let end = try await desk.endOfLog()
            try await desk.write { work in
                for _ in 0..<120 {
                    var draft = TicketDraft()
                    (draft.title, draft.description) = ("Printer on fire", "It burns.")
                    _ = try await work.open(draft, as: desk.customer)
                }
            }
            let first = try await desk.newsUntil(100, after: end)
            #expect(first.events.count == 100 && first.hasMore && first.end == first.events.last?.seq)
            let rest = try await desk.desk.news(after: first.end)
            #expect(rest.events.count == 20 && !rest.hasMore)
            #expect(first.events.allSatisfy { $0.seq < rest.events[0].seq })
        }
    }
}

extension TestDesk {
    /// The log's end, once the transactions of other tests let it be known.
    fileprivate func endOfLog() async throws -> Int {
        for _ in 0..<20_000 {
            if let end = try await desk.endOfLog() { return end }
            try await Task.sleep(for: .milliseconds(3))
        }
        throw DeskError.busy("other tests")
    }

    fileprivate func newsUntil(_ count: Int, after position: Int) async throws -> LogNews {
        for _ in 0..<20_000 {
            let news = try await desk.news(after: position)
            if news.events.count >= count { return news }
            try await Task.sleep(for: .milliseconds(3))
        }
        throw DeskError.busy("other tests")
    }
}
