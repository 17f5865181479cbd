import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Plans of lists of notifications") struct NotificationPlanTests {
    @Test("along the person, unsorted, from the beginning and from the middle", arguments: TestEngine.all)
    func alongThePerson(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let person = try await desk.mostTold()
            for (unreadOnly, index) in [(false, "notifications_person"), (true, "notifications_unread")] {
                for scope in [Rules.AgentScope.all, .assigned] {
                    for position in [nil, Position(key: 20_000_000, tie: 7)] {
                        var slice = SliceRequest()
                        slice.after = position
                        let page = slice.notifications(.notifications(of: person, unreadOnly: unreadOnly, scope))
                        let plan = try await desk.read { look in try await Plan(of: page, look.db) }
                        #expect(plan.uses(index) && plan.scans.isEmpty && !plan.isSorted, "\(unreadOnly) \(scope): \(plan)")
                    }
                }
            }
        }
    }

    @Test("a page far back costs what the first costs", arguments: TestEngine.all.filter { $0.engine == .postgres })
    func deep(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let person = try await desk.mostTold()
            var costs: [Int] = []
            for position in [nil, Position(key: 2_000_000, tie: 7)] {
                var slice = SliceRequest()
                slice.after = position
                costs.append(try await desk.pagesRead(for: slice.notifications(.notifications(of: person, unreadOnly: false, .all))))
            }
            #expect(costs[0] > 0 && costs[1] > 0 && costs[1] <= costs[0] * 2, "\(costs)")
        }
    }
}

extension TestDesk {
    /// One of the staff, who has hundreds of notifications where there are any.
    fileprivate func mostTold() async throws -> Person.ID {
        let found = try await read { look in
            try await look.db.first("SELECT id FROM people WHERE role = 'agent' ORDER BY id LIMIT 1") { $0.id(of: Person.self) }
        }
        return found ?? agent.id
    }
}
