import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Listing people") struct ListUsersTests {
    @Test("goes from the newest to the oldest, page by page", arguments: TestEngine.all)
    func pages(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for name in ["Dora", "Emil", "Fritz"] {
                desk.clock.advance(seconds: 1)
                _ = try await desk.desk.testPerson(name, .customer)
            }
            let names = try await desk.names(UserFilter(), limit: 3)
            #expect(names.prefix(3) == ["Fritz", "Emil", "Dora"] && names.count == 8 && Set(names).count == 8)
        }
    }

    @Test("shows those of a role, of several, and those who may not sign in", arguments: TestEngine.all)
    func filtered(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var filter = UserFilter()
            filter.roles = [.agent]
            #expect(try await Set(desk.names(filter)) == ["Bob", "Berta"])
            filter.roles = [.agent, .admin]
            #expect(try await Set(desk.names(filter, limit: 1)) == ["Bob", "Berta", "Carol"])
            _ = try await desk.change(desk.agent.id) { $0.isActive = false }
            filter.isActive = true
            #expect(try await Set(desk.names(filter)) == ["Berta", "Carol"])
            filter = UserFilter()
            filter.isActive = false
            #expect(try await desk.names(filter) == ["Bob"])
            try await desk.delete(desk.agent.id)
            #expect(try await desk.names(filter) == [])
            let slice = SliceRequest(counted: true)
            #expect(try await desk.read { look in try await look.users(UserFilter(), slice, as: desk.agent).total } == 4)
        }
    }

    @Test("finds by the beginning of name, address or username, each once, in order", arguments: TestEngine.all)
    func found(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.add("zoe@example.com", as: desk.admin) { ($0.username, $0.firstName) = ("berlin", "Zoë") }
            try await desk.add("BERN@example.com", as: desk.admin) { ($0.username, $0.firstName) = ("x1", "Xaver") }
            try await desk.add("y@example.com", as: desk.admin) { ($0.username, $0.firstName) = ("y1", "Bernd 100%") }
            var filter = UserFilter()
            filter.beginning = "BER"
            for limit in [1, 2, 20] {
                #expect(try await desk.names(filter, limit: limit) == ["Zoë", "Xaver", "Bernd 100%", "Berta"])
            }
            filter.beginning = "bernd 100%"
            #expect(try await desk.names(filter) == ["Bernd 100%"])
            filter.beginning = "%"
            #expect(try await desk.names(filter) == [])
            filter.beginning = "b"
            filter.roles = [.agent]
            #expect(try await desk.names(filter, limit: 1) == ["Berta", "Bob"])
        }
    }

    @Test("is the staff's", arguments: TestEngine.all)
    func staff(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            await #expect(throws: DeskError.forbidden("Only staff see everybody")) {
                try await desk.read { look in try await look.users(UserFilter(), SliceRequest(), as: desk.customer) }
            }
        }
    }

    @Test("goes along an index, whatever is asked for and however far in", arguments: TestEngine.all)
    func plans(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            try await desk.fillForPlans()
            var searching = UserFilter()
            searching.beginning = "a"
            var inactive = UserFilter()
            inactive.isActive = false
            var staff = UserFilter()
            staff.roles = [.agent, .admin]
            for filter in [UserFilter(), searching, inactive, staff] {
                for after in [nil, Position(key: 5000, tie: 7)] {
                    var slice = SliceRequest()
                    slice.after = after
                    let listing = UserListing(
                        filter: filter, slice: slice, foundAfter: after == nil ? nil : "a b", engine: desk.database.engine)
                    let plan = try await desk.database.scan { db in try await Plan(of: listing.keys, db) }
                    // An index that is gone through in the list's order is left when there is enough.
                    #expect(plan.scans.filter { !$0.hasPrefix("SCAN p USING INDEX") && !$0.hasPrefix("SCAN p USING COVERING") } == [])
                    if filter.beginning == nil { #expect(!plan.isSorted, "\(filter): \(plan)") }
                }
            }
        }
    }
}

extension SliceRequest {
    init(counted: Bool) {
        self.init()
        isCounted = counted
    }
}

extension TestDesk {
    /// First names, gathered page by page.
    fileprivate func names(_ filter: UserFilter, limit: Int = 20) async throws -> [String] {
        var names: [String] = []
        var slice = SliceRequest()
        slice.limit = limit
        for _ in 0..<50 {
            let (ready, caller) = (slice, admin)
            let page = try await read { look in try await look.users(filter, ready, as: caller) }
            names += page.items.map(\.firstName)
            guard let next = page.next else { return names }
            slice.after = next
        }
        Issue.record("the list does not end")
        return names
    }
}
