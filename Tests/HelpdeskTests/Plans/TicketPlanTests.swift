import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

/// A page costs what its rows cost when the engine goes along an index in the list's order and stops: no table is read from end to end,
/// and nothing is sorted.
@Suite("Plans of lists of tickets") struct TicketPlanTests {
    struct Question: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let index: String
        var isSorted = false
        /// What else PostgreSQL may find cheaper, by what it knows of the rows.
        var orElse: String?
        let change: @Sendable (inout TicketFilter, TestDesk) -> Void
    }

    static let questions = [
        Question(testDescription: "all", index: "tickets_status") { _, _ in },
        Question(testDescription: "one status", index: "tickets_status") { filter, _ in filter.statuses = [.open] },
        Question(testDescription: "three statuses", index: "tickets_status") {
            $0.statuses = [.open, .pending, .closed]; _ = $1
        },
        Question(testDescription: "since a moment", index: "tickets_status") {
            $0.createdAfter = Moment(30_000_000); _ = $1
        },
        Question(testDescription: "by change", index: "tickets_by_change_pkey") {
            $0.order = TicketOrder(by: .updatedAt); _ = $1
        },
        Question(testDescription: "changed since, oldest change first", index: "tickets_by_change_pkey") { filter, _ in
            filter.order = TicketOrder(by: .updatedAt, isDescending: false)
            filter.updatedAfter = Moment(30_000_000)
        },
        Question(testDescription: "by priority", index: "tickets_priority") {
            $0.order = TicketOrder(by: .priority); _ = $1
        },
        Question(testDescription: "some priorities, by priority", index: "tickets_priority", orElse: "tickets_pkey") { filter, _ in
            filter.order = TicketOrder(by: .priority)
            filter.priorities = [.high, .low]
        },
        Question(testDescription: "two statuses, by number", index: "tickets_priority", orElse: "tickets_pkey") { filter, _ in
            filter.order = TicketOrder(by: .number)
            filter.statuses = [.open, .resolved]
        },
        Question(testDescription: "mine", index: "tickets_assignee") {
            $0.assignees = [.me]; _ = $1
        },
        Question(testDescription: "mine and nobody's, open", index: "tickets_assignee") { filter, _ in
            filter.assignees = [.me, .none]
            filter.statuses = [.open]
        },
        Question(testDescription: "my queue, by priority", index: "tickets_assignee", isSorted: true, orElse: "tickets_priority") {
            filter, _ in
            filter.assignees = [.me]
            filter.statuses = [.open, .inProgress]
            filter.order = TicketOrder(by: .priority)
        },
        Question(testDescription: "somebody's", index: "tickets_requester") { $0.requester = $1.otherCustomer.id },
        Question(testDescription: "somebody's, by change", index: "tickets_requester", isSorted: true) { filter, desk in
            filter.requester = desk.otherCustomer.id
            filter.order = TicketOrder(by: .updatedAt)
        },
        Question(testDescription: "a category", index: "tickets_category") {
            $0.categories = ["category 3"]; _ = $1
        },
        Question(testDescription: "a type", index: "tickets_type") {
            $0.types = ["type 3"]; _ = $1
        },
        Question(testDescription: "a rare tier", index: "tickets_support_role") {
            $0.supportRoles = [.manager]; _ = $1
        },
        Question(testDescription: "two tags", index: "ticket_tags_pkey") {
            $0.tags = ["tag 3", "tag 4"]; _ = $1
        },
    ]

    @Test("along an index, unsorted, from the beginning and from the middle", arguments: TestEngine.all)
    func indexed(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            for question in Self.questions {
                for isDescending in [true, false] {
                    var filter = TicketFilter()
                    question.change(&filter, desk)
                    filter.order.isDescending = isDescending
                    try await check(question, filter, desk)
                }
            }
        }
    }

    private func check(_ question: Question, _ filter: TicketFilter, _ desk: TestDesk) async throws {
        for position in [nil, Position(key: filter.order.key == .priority ? 3 : 20_000_000, tie: 20_000)] {
            var slice = SliceRequest()
            slice.after = position
            let listing = TicketListing(filter, slice, for: desk.agent, on: desk.database.engine)
            let plan = try await desk.read { look in try await Plan(of: listing.page, look.db) }
            let found = [question.index] + (plan.engine == .postgres ? question.orElse.map { [$0] } ?? [] : [])
            #expect(found.contains { plan.uses($0) }, "\(question.testDescription): \(plan)")
            #expect(plan.scans.isEmpty, "\(question.testDescription): \(plan)")
            if !question.isSorted { #expect(!plan.isSorted, "\(question.testDescription): \(plan)") }
        }
    }

    @Test("page 1,900 costs what the first costs", arguments: TestEngine.all.filter { $0.engine == .postgres })
    func deep(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            var slice = SliceRequest()
            let first = try await desk.pagesRead(
                for: TicketListing(TicketFilter(), slice, for: desk.agent, on: engine.engine).page)
            // 40,000 tickets, a second apart, newest first.
            slice.after = Position(key: 2_000_000, tie: 2000)
            let deep = try await desk.pagesRead(for: TicketListing(TicketFilter(), slice, for: desk.agent, on: engine.engine).page)
            #expect(first > 0 && deep > 0 && deep <= first * 3 / 2, "\(first), \(deep)")
        }
    }

    @Test("how far a look goes is found along an index alone", arguments: TestEngine.all)
    func looks(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            for key in TicketOrder.Key.allCases {
                for position in [nil, Position(key: key == .priority ? 3 : 20_000_000, tie: 20_000)] {
                    var filter = TicketFilter()
                    (filter.order, filter.priorities) = (TicketOrder(by: key), [.urgent, .low])
                    var slice = SliceRequest()
                    slice.after = position
                    let listing = TicketListing(filter, slice, for: desk.agent, on: engine.engine)
                    let plan = try await desk.read { look in try await Plan(of: listing.places(ofRow: 100), look.db) }
                    #expect(plan.scans.isEmpty && !plan.isSorted, "\(key): \(plan)")
                }
            }
        }
    }

    @Test("an agent kept to their own work is given a page along indices too", arguments: TestEngine.all)
    func keptToOwnWork(on engine: TestEngine) async throws {
        var rules = Rules()
        rules.agentScope = .assigned
        try await withDesk(on: engine, rules) { desk in
            try await desk.fillForPlans()
            let listing = TicketListing(TicketFilter(), SliceRequest(), for: desk.agent, on: engine.engine)
            let plan = try await desk.read { look in try await Plan(of: listing.page, look.db) }
            #expect(plan.uses("tickets_assignee") && plan.uses("tickets_requester") && plan.scans.isEmpty && !plan.isSorted, "\(plan)")
        }
    }
}
