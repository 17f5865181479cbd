import Domain
import Testing

@Suite("Who may do what") struct PermissionTests {
    private static func caller(_ id: UInt128, _ role: Role, seesAssignedOnly: Bool = false) -> Caller {
        Caller(id: Identifier(id), label: "\(id)", name: "\(role)", email: nil, role: role, seesAssignedOnly: seesAssignedOnly)
    }

    private static let requester = caller(1, .customer)
    private static let stranger = caller(2, .customer)
    private static let guest = caller(3, .guest)
    private static let agent = caller(4, .agent)
    private static let scoped = caller(5, .agent, seesAssignedOnly: true)
    private static let admin = caller(6, .admin, seesAssignedOnly: true)

    private static var ticket: Ticket {
        Ticket(id: Identifier(1), title: "", description: "", requester: requester.party, embedToken: 0, at: Moment(0))
    }

    @Test("the requester and staff see a ticket, nobody else")
    func sees() {
        let ticket = Self.ticket
        #expect([Self.requester, Self.agent, Self.scoped, Self.admin].allSatisfy { $0.maySee(ticket) })
        #expect(![Self.stranger, Self.guest].contains { $0.maySee(ticket) })
    }

    @Test("an agent kept to their own work sees theirs and nobody's, and what they opened")
    func scope() {
        var ticket = Self.ticket
        ticket.assignee = Self.agent.party
        #expect(!Self.scoped.maySee(ticket) && Self.admin.maySee(ticket))
        ticket.assignee = Self.scoped.party
        #expect(Self.scoped.maySee(ticket) && Self.agent.maySee(ticket))
        ticket.assignee = Self.agent.party
        ticket.requester = Self.scoped.party
        #expect(Self.scoped.maySee(ticket))
    }

    @Test("on a ticket talk its requester, its assignee and admins, and other agents unless they are kept to their own work")
    func chats() {
        var ticket = Self.ticket
        #expect([Self.requester, Self.agent, Self.admin].allSatisfy { $0.mayChat(on: ticket.standing) })
        // They see what is nobody's, but have no business on it yet.
        #expect(Self.scoped.maySee(ticket) && !Self.scoped.mayChat(on: ticket.standing))
        #expect(![Self.stranger, Self.guest].contains { $0.mayChat(on: ticket.standing) })
        ticket.assignee = Self.scoped.party
        #expect([Self.scoped, Self.agent].allSatisfy { $0.mayChat(on: ticket.standing) })
        ticket.deletedAt = Moment(0)
        #expect(Self.admin.mayChat(on: ticket.standing))
        #expect(![Self.requester, Self.scoped, Self.agent].contains { $0.mayChat(on: ticket.standing) })
    }

    @Test("the bin is the admins'")
    func bin() {
        var ticket = Self.ticket
        ticket.deletedAt = Moment(0)
        #expect(Self.admin.maySee(ticket))
        #expect(![Self.requester, Self.agent].contains { $0.maySee(ticket) })
        #expect(throws: DeskError.conflict("This ticket is in the bin: restore it first")) { try ticket.mustBeChangeable(by: Self.admin) }
        #expect(throws: DeskError.notFound("Ticket not found")) { try ticket.mustBeChangeable(by: Self.agent) }
    }

    @Test("a customer closes, and opens again what is done", arguments: Status.allCases, Status.allCases)
    func moves(from: Status, to: Status) throws {
        var ticket = Self.ticket
        _ = try ticket.move(to: from, at: Moment(0))
        let isTheirs = to == .closed || (to == .open && (from == .closed || from == .resolved))
        #expect(Self.requester.mayMove(ticket, to: to) == isTheirs)
        #expect(Self.agent.mayMove(ticket, to: to))
    }

    @Test("private comments are the staff's, to write and to see", arguments: [CommentType.public, .private])
    func comments(type: CommentType) {
        let comment = Domain.Comment(
            id: Identifier(1), ticket: Identifier(1), author: Self.agent.party, content: "", type: type, createdAt: Moment(0),
            updatedAt: Moment(0))
        #expect(Self.agent.maySee(comment) && Self.agent.mayComment(type))
        #expect(Self.requester.maySee(comment) == (type == .public) && Self.requester.mayComment(type) == (type == .public))
        #expect(Self.agent.mayChange(comment) && Self.admin.mayChange(comment) && !Self.scoped.mayChange(comment))
    }

    @Test("who is kept to their own work assigns to themselves only")
    func assigns() {
        #expect(Self.admin.mayAssign(to: nil) && Self.agent.mayAssign(to: nil) && !Self.scoped.mayAssign(to: nil))
        #expect(Self.scoped.mayAssign(to: Self.scoped.id) && !Self.scoped.mayAssign(to: Self.agent.id))
        #expect(!Self.requester.mayAssign(to: Self.agent.id))
    }

    @Test("staff sort tickets, follow them and open them for others; customers describe their own")
    func staffWork() {
        for staff in [Self.agent, Self.scoped, Self.admin] {
            #expect(staff.mayTriage && staff.mayFollow && staff.mayOpenForOthers && staff.mayDescribe(Self.ticket))
        }
        for other in [Self.requester, Self.stranger, Self.guest] {
            #expect(!other.mayTriage && !other.mayFollow && !other.mayOpenForOthers)
            #expect(other.mayDescribe(Self.ticket) == (other.id == Self.requester.id))
        }
    }

    @Test("only admins put tickets in the bin, and take them out")
    func discards() {
        #expect(Self.admin.mayDiscard)
        #expect(![Self.requester, Self.stranger, Self.guest, Self.agent, Self.scoped].contains { $0.mayDiscard })
    }

    @Test("the embed token is the requester's and the staff's")
    func embedToken() {
        #expect([Self.requester, Self.agent, Self.admin].allSatisfy { $0.maySeeEmbedToken(of: Self.ticket) })
        #expect(![Self.stranger, Self.guest].contains { $0.maySeeEmbedToken(of: Self.ticket) })
    }

    @Test("customers see a ticket's tally without what is private, and their copy is compared with that")
    func tallies() throws {
        var ticket = Self.ticket
        ticket.advance(comments: 1, isShown: false, at: Moment(60_000))
        #expect(ticket.tally(for: Self.requester) == Self.ticket.tally && ticket.tally(for: Self.agent).commentCount == 1)
        try ticket.mustBe(at: 1, for: Self.requester)
        try ticket.mustBe(at: 2, for: Self.agent)
        try ticket.mustBe(at: nil, for: Self.agent)
        #expect(throws: DeskError.stale) { try ticket.mustBe(at: 1, for: Self.agent) }
        #expect(throws: DeskError.stale) { try ticket.mustBe(at: 2, for: Self.requester) }
    }

    @Test("an admin's key that is not for that makes no staff and manages nobody")
    func scopes() {
        let whole = Caller(id: Identifier(7), label: "7", name: "", email: nil, role: .admin, scopes: [.read, .write, .admin])
        let narrow = Caller(id: Identifier(7), label: "7", name: "", email: nil, role: .admin, scopes: [.read, .write])
        #expect(Self.admin.mayMakeStaff && Self.admin.mayManagePeople && whole.mayMakeStaff && whole.mayManagePeople)
        #expect(!narrow.mayMakeStaff && !narrow.mayManagePeople && !Self.agent.mayMakeStaff && !Self.agent.mayManagePeople)
    }
}
