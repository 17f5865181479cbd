import Domain
import Testing

@Suite("Status") struct StatusTests {
    private static let start = Moment(1_760_000_000_000)

    private static func ticket(_ status: Status = .open) throws -> Ticket {
        var ticket = Ticket(
            id: Identifier(1), number: 7, title: "Printer on fire", description: "It burns.",
            requester: Party(id: Identifier(2), name: "Alice", email: nil, role: .customer), embedToken: 3, at: start)
        _ = try ticket.move(to: status, at: start)
        return ticket
    }

    @Test("any status becomes any other, but closed only open or in progress", arguments: Status.allCases, Status.allCases)
    func moves(from: Status, to: Status) {
        let isAllowed = from != .closed || to == .closed || to == .open || to == .inProgress
        #expect(from.mayBecome(to) == isAllowed)
    }

    @Test("the times of the end follow the moves")
    func times() throws {
        let later = Self.start.adding(seconds: 60)
        var ticket = try Self.ticket(.resolved)
        #expect(ticket.resolvedAt == Self.start && ticket.closedAt == nil)
        let closes = try ticket.move(to: .closed, at: later)
        #expect(closes)
        #expect(ticket.resolvedAt == Self.start && ticket.closedAt == later)
        let closesAgain = try ticket.move(to: .closed, at: later.adding(seconds: 1))
        #expect(!closesAgain)
        #expect(ticket.closedAt == later)
        _ = try ticket.move(to: .inProgress, at: later)
        #expect(ticket.resolvedAt == nil && ticket.closedAt == nil)
    }

    @Test("the requester's reply opens what was closed until the days are over")
    func reopening() throws {
        var ticket = try Self.ticket(.closed)
        let end = Self.start.adding(days: 14)
        var late = ticket
        #expect(throws: DeskError.self) {
            try late.hear(replyBy: ticket.requester.id, isStaff: false, reopenDays: 14, at: end)
        }
        try ticket.hear(replyBy: ticket.requester.id, isStaff: false, reopenDays: 14, at: Moment(end.milliseconds - 1))
        #expect(ticket.status == .open)
    }

    @Test("staff who opened a ticket themselves answer as its requester")
    func staffRequester() throws {
        var ticket = try Self.ticket(.pending)
        try ticket.hear(replyBy: ticket.requester.id, isStaff: true, reopenDays: 14, at: Self.start)
        #expect(ticket.status == .open && ticket.firstRespondedAt == nil)
    }

    @Test("the requester's reply opens what waited, was done or was closed, and no other", arguments: Status.allCases)
    func requesterReplies(status: Status) throws {
        var ticket = try Self.ticket(status)
        try ticket.hear(replyBy: ticket.requester.id, isStaff: false, reopenDays: 14, at: Self.start)
        #expect(ticket.status == (status == .inProgress ? .inProgress : .open))
        #expect(ticket.resolvedAt == nil && ticket.closedAt == nil && ticket.firstRespondedAt == nil)
    }

    @Test("the first reply of staff begins the work on what is open, and is noted once", arguments: Status.allCases)
    func staffReply(status: Status) throws {
        var ticket = try Self.ticket(status)
        try ticket.hear(replyBy: Identifier(9), isStaff: true, reopenDays: 14, at: Self.start)
        #expect(ticket.status == (status == .open ? .inProgress : status) && ticket.firstRespondedAt == Self.start)
        if status == .open { _ = try ticket.move(to: .open, at: Self.start) }
        let before = ticket
        try ticket.hear(replyBy: Identifier(9), isStaff: true, reopenDays: 14, at: Self.start.adding(days: 1))
        #expect(ticket == before)
    }

    @Test("a reply of somebody who is neither leaves all as it is", arguments: Status.allCases)
    func bystanderReplies(status: Status) throws {
        var ticket = try Self.ticket(status)
        let before = ticket
        try ticket.hear(replyBy: Identifier(9), isStaff: false, reopenDays: 0, at: Self.start)
        #expect(ticket == before)
    }

    @Test("with no days to reopen in, nothing closed is opened by its requester")
    func neverReopens() throws {
        var ticket = try Self.ticket(.closed)
        #expect(throws: DeskError.conflict("This ticket was closed some time ago: please open a new one and mention #7")) {
            try ticket.hear(replyBy: ticket.requester.id, isStaff: false, reopenDays: 0, at: Self.start)
        }
        #expect(ticket.status == .closed)
    }

    @Test("a closed ticket that is given to somebody stays closed")
    func assignedClosed() throws {
        var ticket = try Self.ticket(.closed)
        let isNew = try ticket.assign(to: Party(id: Identifier(5), name: "Bob", email: nil, role: .agent), at: Self.start)
        #expect(isNew && ticket.status == .closed && ticket.bearer == nil)
    }

    @Test("another's reply leaves what is closed as it is")
    func closedStays() throws {
        var ticket = try Self.ticket(.closed)
        try ticket.hear(replyBy: Identifier(9), isStaff: true, reopenDays: 14, at: Self.start)
        #expect(ticket.status == .closed && ticket.firstRespondedAt == Self.start)
    }

    @Test("only what is assigned and not done is somebody's load", arguments: Status.allCases)
    func bearer(status: Status) throws {
        var ticket = try Self.ticket()
        _ = try ticket.assign(to: Party(id: Identifier(5), name: "Bob", email: "bob@example.com", role: .agent), at: Self.start)
        #expect(ticket.status == .inProgress && ticket.assignee?.email == nil)
        _ = try ticket.move(to: status, at: Self.start)
        #expect((ticket.bearer != nil) == status.isActive)
        ticket.deletedAt = Self.start
        #expect(ticket.bearer == nil)
    }
}
