internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension ClassicRoutes {
    static func declareTickets(in desk: inout DeskRoutes) {
        desk.change(
            .post, "/create", .signedIn, "Opens a ticket of a customer's own", takes: ClassicDraft.self, gives: .created(ClassicTicket.self)
        ) { ask, work in
            guard !ask.caller.isStaff else { throw DeskError.forbidden("Only customers create tickets here") }
            return ClassicTicket(ticket: try await work.open(ask.body.draft, as: ask.caller))
        }
    }
}

struct ClassicDraft: Shaped {
    var draft = TicketDraft()

    static let shape = Shape("ClassicDraft", "What it takes to open a ticket, in the Classic dialect", ClassicDraft()) {
        Field("title", \.draft.title, .oneLine(1...255), "One line that says what is wrong")
        Field("description", \.draft.description, .text(0...65_536), "The whole story", required: false)
        Field("priority", \.draft.priority, .word(Priority.self), "How much it presses", required: false)
    }
}

struct ClassicTicket: Shaped {
    var ticket: Ticket

    static let shape = Shape(
        "ClassicTicket", "A ticket, in the Classic dialect", ClassicTicket(ticket: TicketView.blank)
    ) {
        Field("id", \.ticket.id, .id(Ticket.self), "Id")
        Field("number", \.ticket.number, .integer(0...Int.max), "For people: 1, 2, 3 …")
        Field("title", \.ticket.title, .text(1...255), "One line that says what is wrong")
        Field("description", \.ticket.description, .text(0...65_536), "The whole story")
        Field("priority", \.ticket.priority, .word(Priority.self), "How much it presses")
        Field("status", from: { ClassicStatus($0.ticket.status) }, .word(ClassicStatus.self), "Whether anything is to be done")
        Field("created_by", \.ticket.requester.id, .id(Person.self), "Who asked")
        Field("created_at", \.ticket.createdAt, .moment, "When it was opened")
    }
}

/// Where a ticket stands, in the two words of this dialect.
enum ClassicStatus: String, CaseIterable, Word {
    case open, closed

    init(_ status: Domain.Status) { self = status.isActive ? .open : .closed }

    /// What it means in ours.
    var statuses: [Domain.Status] { Domain.Status.allCases.filter { ClassicStatus($0) == self } }
}
