import Domain
import Storage

@testable import Helpdesk

/// Tickets of all sorts, made by chance that is always the same.
struct ManyTickets {
    private var state: UInt64 = 88_172_645_463_325_252
    let desk: TestDesk

    init(_ desk: TestDesk) { self.desk = desk }

    private mutating func number(below bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }

    private mutating func one<Element>(of elements: [Element]) -> Element { elements[number(below: elements.count)] }

    /// Puts `count` tickets into the database, and gives them as they are there.
    mutating func fill(_ count: Int) async throws -> [Ticket] {
        var tickets: [Ticket] = []
        for _ in 0..<count { tickets.append(make()) }
        let ready = tickets
        return try await desk.write { work in
            var kept: [Ticket] = []
            for var ticket in ready {
                ticket.number = try await work.db.insert(ticket)
                kept.append(try await work.db.ticket(.id(ticket.id)))
            }
            return kept
        }
    }

    private mutating func make() -> Ticket {
        // Few moments, so that many tickets are told apart by their numbers alone.
        let opened = Moment(desk.clock.now.milliseconds + number(below: 12) * 1000)
        var ticket = Ticket(
            id: Ticket.ID(desk.desk.outside.newID()), title: "A ticket", description: "", priority: one(of: Priority.allCases),
            category: one(of: ["billing", "mail", nil]), type: one(of: ["bug", "question", nil]),
            tags: one(of: [[], ["vip"], ["vip", "late"], ["late"]]),
            requester: one(of: [desk.customer, desk.customer, desk.otherCustomer, desk.agent]).party,
            embedToken: desk.desk.outside.newToken(),
            at: opened)
        ticket.status = one(of: Status.allCases)
        ticket.assignee = one(of: [nil, desk.agent, desk.otherAgent]).map(\.party)
        ticket.supportRole = one(of: SupportRole.allCases)
        ticket.tally.updatedAt = Moment(opened.milliseconds + number(below: 20) * 1000)
        ticket.shownTally.updatedAt = Moment(opened.milliseconds + number(below: 3) * 1000)
        if number(below: 10) == 0 { ticket.deletedAt = ticket.tally.updatedAt }
        return ticket
    }
}

extension TicketFilter {
    /// The rules of a list, ticket by ticket.
    func asksFor(_ ticket: Ticket, _ caller: Caller) -> Bool {
        func any<Element: Equatable>(_ wanted: [Element], _ given: Element?) -> Bool {
            wanted.isEmpty || given.map { wanted.contains($0) } == true
        }
        let isAssigned =
            assignees.isEmpty
            || assignees.contains { assignee in
                switch assignee {
                case .person(let id): ticket.assignee?.id == id
                case .me: ticket.assignee?.id == caller.id
                case .none: ticket.assignee == nil
                }
            }
        return (ticket.deletedAt != nil) == isInBin && caller.maySee(ticket) && isAssigned && any(statuses, ticket.status)
            && any(priorities, ticket.priority) && any(categories, ticket.category) && any(types, ticket.type)
            && (tags.isEmpty || tags.contains { ticket.tags.contains($0) }) && any(requester.map { [$0] } ?? [], ticket.requester.id)
            && any(supportRoles, ticket.supportRole) && (createdAfter.map { ticket.createdAt > $0 } ?? true)
            && (updatedAfter.map { ticket.tally(for: caller).updatedAt > $0 } ?? true)
    }

    /// The whole list.
    func list(_ tickets: [Ticket], _ caller: Caller) -> [Int] {
        let listing = TicketListing(self, SliceRequest(), for: caller, on: .sqlite)
        return tickets.filter { asksFor($0, caller) }.sorted(by: listing.precedes).map(\.number)
    }
}
