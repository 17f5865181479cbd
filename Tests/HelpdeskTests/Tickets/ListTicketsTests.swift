import Domain
import Storage
import TestEngines
import Testing

@testable import Helpdesk

@Suite("Lists of tickets") struct ListTicketsTests {
    /// Each filter that leads along an index of its own, and some that do not.
    static let filters: [@Sendable (inout TicketFilter, TestDesk) -> Void] = [
        { _, _ in },
        { filter, _ in filter.statuses = [.open] },
        { filter, _ in filter.statuses = [.open, .pending, .open] },
        { filter, _ in filter.statuses = [.closed, .resolved] },
        { filter, _ in filter.priorities = [.urgent] },
        { filter, _ in (filter.priorities, filter.statuses) = ([.low, .high], [.open, .closed]) },
        { filter, _ in filter.categories = ["billing", "mail"] },
        { filter, _ in (filter.categories, filter.types) = (["billing"], ["bug"]) },
        { filter, _ in filter.tags = ["vip"] },
        { filter, _ in (filter.tags, filter.statuses) = (["vip", "late", "vip"], [.open, .inProgress]) },
        { filter, _ in filter.assignees = [.me] },
        { filter, _ in filter.assignees = [.none, .me] },
        { filter, desk in (filter.assignees, filter.statuses) = ([.person(desk.agent.id), .none], [.open, .pending]) },
        { filter, desk in filter.assignees = [.person(desk.otherAgent.id)] },
        { filter, desk in filter.requester = desk.customer.id },
        { filter, desk in (filter.requester, filter.statuses, filter.tags) = (desk.customer.id, [.open], ["late"]) },
        { filter, _ in filter.supportRoles = [.manager, .admin] },
        { filter, desk in filter.createdAfter = Moment(desk.clock.now.milliseconds + 6000) },
        { filter, desk in filter.updatedAfter = Moment(desk.clock.now.milliseconds + 9000) },
        { filter, _ in filter.isInBin = true },
    ]

    @Test("each filter in each order gives what the rules give, page by page", arguments: TestEngine.all, [false, true])
    func rules(on engine: TestEngine, assignedOnly: Bool) async throws {
        var rules = Rules()
        rules.agentScope = assignedOnly ? .assigned : .all
        try await withDesk(on: engine, rules) { desk in
            var many = ManyTickets(desk)
            let tickets = try await many.fill(120)
            for change in Self.filters {
                for key in TicketOrder.Key.allCases {
                    for isDescending in [true, false] {
                        var filter = TicketFilter()
                        filter.order = TicketOrder(by: key, isDescending: isDescending)
                        change(&filter, desk)
                        let callers = filter.isInBin ? [desk.admin] : [desk.customer, desk.agent, desk.admin]
                        for caller in callers { try await check(filter, caller, tickets, desk) }
                    }
                }
            }
        }
    }

    /// Goes through the list in pages of seven, and by an offset.
    private func check(_ filter: TicketFilter, _ caller: Caller, _ tickets: [Ticket], _ desk: TestDesk) async throws {
        let expected = filter.list(tickets, caller)
        var slice = SliceRequest()
        slice.limit = 7
        slice.isCounted = true
        var numbers: [Int] = []
        repeat {
            let ready = slice
            let page = try await desk.read { look in try await look.tickets(filter, ready, as: caller) }
            #expect(page.total == expected.count && page.items.count <= 7)
            numbers += page.items.map(\.number)
            slice.after = page.next
        } while slice.after != nil && numbers.count <= expected.count
        #expect(numbers == expected, "\(filter) for \(caller.name)")
        slice.offset = 5
        let ready = slice
        let later = try await desk.read { look in try await look.tickets(filter, ready, as: caller) }
        #expect(later.items.map(\.number) == Array(expected.dropFirst(5).prefix(7)))
    }

    @Test("where no index leads, a page looks at so many and goes on: none is lost, none comes twice", arguments: TestEngine.all)
    func sifted(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var many = ManyTickets(desk)
            let tickets = try await many.fill(150)
            for change in Self.filters {
                for key in TicketOrder.Key.allCases {
                    for isDescending in [true, false] {
                        var filter = TicketFilter()
                        filter.order = TicketOrder(by: key, isDescending: isDescending)
                        change(&filter, desk)
                        if !filter.isInBin { try await checkLooks(filter, desk.agent, tickets, desk) }
                    }
                }
            }
        }
    }

    /// Goes through the list with looks of a few tickets, of which many find nothing.
    private func checkLooks(_ filter: TicketFilter, _ caller: Caller, _ tickets: [Ticket], _ desk: TestDesk) async throws {
        var slice = SliceRequest()
        slice.limit = 7
        guard TicketListing(filter, slice, for: caller, on: desk.database.engine).isSifted else { return }
        var (numbers, pages) = ([Int](), 0)
        repeat {
            let listing = TicketListing(filter, slice, for: caller, on: desk.database.engine)
            let page = try await desk.read { look in try await look.sifted(listing, looks: [10, 30]) }
            numbers += page.items.map(\.number)
            slice.after = page.next
            pages += 1
        } while slice.after != nil && pages < 300
        #expect(numbers == filter.list(tickets, caller), "\(filter)")
    }

    @Test("what is rare is looked for no further than a look goes", arguments: TestEngine.all)
    func rare(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for number in 0..<60 {
                desk.clock.advance(seconds: 1)
                try await desk.change(try await desk.ticket(), by: desk.agent) { $0.priority = number == 0 ? .urgent : .low }
            }
            var filter = TicketFilter()
            filter.priorities = [.urgent]
            filter.order = TicketOrder(by: .updatedAt)
            var slice = SliceRequest()
            var pages: [[Int]] = []
            repeat {
                let listing = TicketListing(filter, slice, for: desk.agent, on: engine.engine)
                let page = try await desk.read { look in try await look.sifted(listing, looks: [50, 100]) }
                pages.append(page.items.map(\.number))
                slice.after = page.next
            } while slice.after != nil
            // A hundred in five branches, one a status: twenty of the open ones at a time, and then none.
            #expect(pages == [[], [], [1], []])
        }
    }

    @Test("a page stays where it is while tickets are added before it", arguments: TestEngine.all)
    func stable(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for _ in 0..<5 {
                _ = try await desk.ticket()
                desk.clock.advance(seconds: 1)
            }
            var slice = SliceRequest()
            slice.limit = 2
            let first = slice
            let one = try await desk.read { look in try await look.tickets(TicketFilter(), first, as: desk.agent) }
            #expect(one.items.map(\.number) == [5, 4])
            _ = try await desk.ticket()
            slice.after = one.next
            let second = slice
            let two = try await desk.read { look in try await look.tickets(TicketFilter(), second, as: desk.agent) }
            #expect(two.items.map(\.number) == [3, 2])
        }
    }

    @Test("a customer who asks for another's tickets gets none", arguments: TestEngine.all)
    func foreign(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.ticket(by: desk.otherCustomer)
            var filter = TicketFilter()
            filter.requester = desk.otherCustomer.id
            let ready = filter
            let slice = try await desk.read { look in try await look.tickets(ready, SliceRequest(), as: desk.customer) }
            #expect(slice.items.isEmpty && slice.next == nil)
        }
    }

    @Test("only admins see the bin", arguments: TestEngine.all)
    func bin(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            var filter = TicketFilter()
            filter.isInBin = true
            let ready = filter
            for caller in [desk.agent, desk.customer] {
                await #expect(throws: DeskError.forbidden("Only admins see the bin")) {
                    try await desk.read { look in try await look.tickets(ready, SliceRequest(), as: caller) }
                }
            }
        }
    }

    @Test("somebody's tickets are asked for by who there is", arguments: TestEngine.all)
    func ofSomebody(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            _ = try await desk.ticket()
            let slice = try await desk.read { look in try await look.tickets(of: desk.customer.id, SliceRequest(), as: desk.agent) }
            #expect(slice.items.count == 1)
            await #expect(throws: DeskError.notFound("User not found")) {
                try await desk.read { look in try await look.tickets(of: Person.ID(7), SliceRequest(), as: desk.agent) }
            }
        }
    }
}
