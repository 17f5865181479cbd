internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension LiveRoutes {
    static func declareTickets(in desk: inout DeskRoutes, _ limits: LiveLimits) {
        desk.around(limits.limiting("opens", to: 3)) { desk in
            desk.change(
                .post, "/api/v1/tickets", .signedInByToken, "Opens a ticket", takes: LiveDraft.self, gives: .created(LiveTicket.self)
            ) { ask, work in
                let ticket = try await work.open(ask.body.draft, as: ask.caller)
                return LiveTicket(ticket, for: ask.caller, try await work.look.issuersIDs(of: [ticket.requester.id]), isNew: true)
            }
        }
        desk.around(limits.limiting("lists", to: 30)) { desk in
            desk.bareArray(
                "/api/v1/tickets", .signedInByToken, "Lists the tickets that are not closed: the caller's own, or all that staff may see",
                query: LiveLimit.self, of: LiveTicket.self, atMost: mostItems
            ) { ask, slice, look in
                var filter = TicketFilter()
                filter.statuses = LiveStatus.active.statuses
                let tickets = try await look.tickets(filter, slice, as: ask.caller)
                let ids = try await look.issuersIDs(of: tickets.items.map(\.requester.id))
                return tickets.map { LiveTicket($0, for: ask.caller, ids) }
            }
        }
        desk.around(limits.limiting("reads", to: 30)) { desk in
            desk.read("/api/v1/tickets/{ticket}", .signedInByToken, "Gives a ticket", gives: .ok(LiveTicket.self)) { ask, look in
                let ticket = try await look.ticket(ask.path.ticket, as: ask.caller)
                return LiveTicket(ticket, for: ask.caller, try await look.issuersIDs(of: [ticket.requester.id]))
            }
        }
    }
}

struct LiveDraft: Shaped {
    var draft = TicketDraft()

    static let shape = Shape("LiveDraft", "What it takes to open a ticket, in the Live dialect", LiveDraft()) {
        Field("topic", \.draft.title, .oneLine(1...255), "One line that says what is wrong", also: ["title", "subject"])
        Field("description", \.draft.description, .text(1...65_536), "The whole story")
    }
}

struct LiveLimit: BareQuery {
    var limit = LiveRoutes.mostItems

    var slice: SliceRequest {
        var slice = SliceRequest()
        slice.limit = limit
        return slice
    }

    static let shape = Shape("LiveLimit", "How much of a list", LiveLimit()) {
        Field("limit", \.limit, .integer(1...LiveRoutes.mostItems), "How many at most", required: false)
    }
}

/// A ticket as this dialect tells it.
struct LiveTicket: Shaped, WithFields {
    var ticket: Ticket
    var updatedAt: Moment
    /// What its requester is called by who vouches for them, or else our id.
    var user: String
    /// Whether it was made just now, so that the answer says where it is.
    var isNew = false

    /// - Parameter ids: what issuers call those people whom they vouch for.
    init(_ ticket: Ticket, for caller: Caller, _ ids: [Person.ID: String], isNew: Bool = false) {
        self.ticket = ticket
        self.isNew = isNew
        updatedAt = ticket.tally(for: caller).updatedAt
        user = ids[ticket.requester.id] ?? ticket.requester.id.text
    }

    private init() { (ticket, updatedAt, user) = (TicketView.blank, Moment(0), "") }

    static let shape = Shape("LiveTicket", "A ticket, in the Live dialect", LiveTicket()) {
        Field("id", \.ticket.id, .id(Ticket.self), "Id")
        Field("user_id", \.user, .text(1...255), "Who asked: the id in their token, where an outside issuer vouches for them")
        Field("topic", \.ticket.title, .text(1...255), "One line that says what is wrong")
        Field("description", \.ticket.description, .text(0...65_536), "The whole story")
        Field("status", from: { LiveStatus($0.ticket.status) }, .word(LiveStatus.self), "Whether it is over")
        Field("created_at", from: \.ticket.createdAt.seconds, .integer(0...Int.max), "When it was opened, in seconds since 1970")
        Field("updated_at", from: \.updatedAt.seconds, .integer(0...Int.max), "When anything happened last, in seconds since 1970")
        Field("user_role", from: { LiveRole($0.ticket.requester.role) }, .word(LiveRole.self), "What the requester is")
        Field("support_role", from: { LiveSupportRole($0.ticket.supportRole) }, .word(LiveSupportRole.self), "The tier it is with")
        Field("issue_level", from: { LiveIssueLevel($0.ticket.priority) }, .word(LiveIssueLevel.self), "How much it presses")
    }

    var fields: [Response.Field] { isNew ? [.init("location", "/api/v1/tickets/\(ticket.id.text)")] : [] }
}
