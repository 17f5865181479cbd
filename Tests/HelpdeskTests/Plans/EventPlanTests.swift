import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Plans of the log") struct EventPlanTests {
    @Test("staff read along the numbers, a ticket's readers along the ticket, unsorted", arguments: TestEngine.all)
    func alongIndices(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let ticket = try await desk.ticket()
            for start in [0, 30_000] {
                let all = EventListing(
                    EventQuestion(), ticket: nil, SliceRequest(), after: start, upTo: 40_000, for: desk.agent)
                let plan = try await desk.read { look in try await Plan(of: all.page(on: look.db.engine), look.db) }
                #expect(plan.usesNumbers && plan.scans.isEmpty && !plan.isSorted, "\(plan)")
                let ofOne = EventListing(
                    EventQuestion(), ticket: ticket.id, SliceRequest(), after: start, upTo: 40_000, for: desk.customer)
                let other = try await desk.read { look in try await Plan(of: ofOne.page(on: look.db.engine), look.db) }
                #expect(other.uses("events_ticket") && other.scans.isEmpty && !other.isSorted, "\(other)")
            }
        }
    }

    @Test("page 1,900 costs what the first costs", arguments: TestEngine.all.filter { $0.engine == .postgres })
    func deep(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            var costs: [Int] = []
            for start in [0, 38_000] {
                let listing = EventListing(
                    EventQuestion(), ticket: nil, SliceRequest(), after: start, upTo: 40_000, for: desk.agent)
                costs.append(try await desk.pagesRead(for: listing.page(on: engine.engine)))
            }
            #expect(costs[0] > 0 && costs[1] > 0 && costs[1] <= costs[0] * 3 / 2, "\(costs)")
        }
    }

    @Test("readers and the end of the log go along the numbers", arguments: TestEngine.all)
    func readers(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let (next, sight) = (LogReader.nextRows(after: 20_000, engine.engine), LogTail.sight(after: 20_000, engine.engine))
            for question in [next, sight] {
                let plan = try await desk.read { look in try await Plan(of: question, look.db) }
                #expect(plan.usesNumbers && plan.scans.isEmpty && !plan.isSorted, "\(plan)")
            }
        }
    }

    @Test("a ticket's comments and history go along the ticket, unsorted", arguments: TestEngine.all)
    func ofATicket(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let ticket = try await desk.ticket().id
            for caller in [desk.customer, desk.agent] {
                for position in [nil, Position(key: 20_000, tie: 7)] {
                    var slice = SliceRequest()
                    slice.after = position
                    let comments = slice.comments(on: ticket, publicOnly: !caller.isStaff, engine.engine)
                    let history = slice.history(of: ticket, as: caller, engine.engine)
                    let (said, done) = try await desk.read { look in
                        (try await Plan(of: comments, look.db), try await Plan(of: history, look.db))
                    }
                    #expect(said.uses("comments_ticket") && said.scans.isEmpty && !said.isSorted, "\(said)")
                    #expect(done.uses("events_ticket") && done.scans.isEmpty && !done.isSorted, "\(done)")
                }
            }
        }
    }

    @Test("customers read along their own tickets", arguments: TestEngine.all)
    func ownTickets(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let someone = try await desk.desk.testPerson("Few", .customer)
            _ = try await desk.ticket(by: someone)
            let listing = EventListing(EventQuestion(), ticket: nil, SliceRequest(), after: 0, upTo: 50_000, for: someone)
            let plan = try await desk.read { look in try await Plan(of: listing.page(on: look.db.engine), look.db) }
            #expect(plan.uses("tickets_requester") && plan.uses("events_ticket") && plan.scans.isEmpty, "\(plan)")
        }
    }

    @Test("those who have very many read along the numbers, and how many they have is seen along their own", arguments: TestEngine.all)
    func manyOwnTickets(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let listing = EventListing(
                EventQuestion(), ticket: nil, SliceRequest(), after: 20_000, upTo: 50_000, for: desk.otherCustomer, alongLog: true)
            let amount = EventListing.amount(of: desk.otherCustomer.id, after: 20_000)
            let (plan, counting) = try await desk.read { look in
                (try await Plan(of: listing.page(on: look.db.engine), look.db), try await Plan(of: amount, look.db))
            }
            #expect(plan.usesNumbers && plan.scans.isEmpty && !plan.isSorted, "\(plan)")
            #expect(counting.uses("tickets_requester") && counting.uses("events_ticket") && !counting.readsTables, "\(counting)")
        }
    }
}

extension Plan {
    /// Whether a table is read from one end to the other; what is only so long is none.
    fileprivate var readsTables: Bool {
        scans.contains { engine == .postgres || $0.hasPrefix("SCAN o") || $0.hasPrefix("SCAN e") }
    }

    /// Whether the log is read along its numbers.
    fileprivate var usesNumbers: Bool {
        uses("events_pkey") || lines.contains { $0.hasPrefix("SEARCH e USING INTEGER PRIMARY KEY (rowid>?") }
    }
}
