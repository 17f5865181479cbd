import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Plans of what is somebody's") struct AccountPlanTests {
    @Test("the tickets of a stranger, in the bin or not, go along the requester", arguments: TestEngine.all)
    func strangers(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            let found = try await desk.read { look in
                (
                    try await Plan(of: .ids(ofTicketsBy: desk.otherCustomer.id, isInBin: false, atMost: 50), look.db),
                    try await Plan(of: .ids(ofTicketsBy: desk.otherCustomer.id, isInBin: true, atMost: 50), look.db),
                    try await Plan(of: .strangers(with: "7@x"), look.db)
                )
            }
            #expect(found.0.uses("tickets_requester") && found.0.scans.isEmpty && !found.0.isSorted, "\(found.0)")
            // With nothing in the bin PostgreSQL may as well look through all of it.
            #expect(
                found.1.uses("tickets_deleted_requester") || (engine.engine == .postgres && found.1.uses("tickets_deleted")), "\(found.1)")
            #expect(found.1.scans.isEmpty, "\(found.1)")
            #expect(found.2.scans.isEmpty && found.2.lines.contains { $0.contains("tickets_requester") }, "\(found.2)")
        }
    }

    @Test("what hangs on somebody who is deleted goes along the person", arguments: TestEngine.all.filter { $0.engine == .sqlite })
    func ofAPerson(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for (change, index) in [
                ("DELETE FROM outbox WHERE person_id = \(desk.customer.id) AND done_at IS NULL", "outbox_person"),
                ("DELETE FROM mailed_links WHERE person_id = \(desk.customer.id)", "mailed_links_person"),
            ] as [(SQL, String)] {
                let plan = try await desk.read { look in try await Plan(of: change, look.db) }
                #expect(plan.uses(index) && plan.scans.isEmpty, "\(plan)")
            }
        }
    }

    @Test("what somebody has not read goes along what they have not read", arguments: TestEngine.all)
    func unread(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            for scope in [Rules.AgentScope.all, .assigned] {
                let plan = try await desk.read { look in
                    try await Plan(of: .unread(of: desk.otherCustomer.id, scope, atMost: 10_000), look.db)
                }
                #expect(plan.uses("notifications_unread") && !plan.lines.contains { $0.hasPrefix("SCAN n") }, "\(plan)")
            }
        }
    }
}
