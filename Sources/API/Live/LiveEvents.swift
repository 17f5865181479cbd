internal import Codec
internal import Domain
internal import Helpdesk

/// What the sockets of this dialect tell: some of what stands in the log, under its own names, each with the object that goes with it.
enum LiveEvent: String {
    case message
    case editMessage = "edit_message"
    case deleteMessage = "delete_message"
    case ticketClosed = "ticket_closed"

    /// Nil for what this dialect does not know of, and for what is private.
    init?(_ event: Event) {
        guard !event.isPrivate else { return nil }
        switch (event.type, event.subject) {
        case (.commentCreated, .comment) where !event.isTakenBack: self = .message
        case (.commentUpdated, .comment) where !event.isTakenBack: self = .editMessage
        case (.commentDeleted, .comment): self = .deleteMessage
        case (_, .ticket(let ticket)) where ticket.status == .closed && event.changes.contains { $0.field == "status" }:
            self = .ticketClosed
        default: return nil
        }
    }

    /// The author of a message learns of it by the answer, and hears only what others do. That a ticket was closed everybody hears.
    func isNews(_ event: Event, to caller: Caller) -> Bool { self == .ticketClosed || event.actor?.id != caller.id }
}

extension Event {
    /// The Message or Ticket Object that goes with it.
    ///
    /// - Parameter ids: what issuers call those people whom they vouch for; see `Look.issuersIDs`.
    func liveObject(for caller: Caller, _ ids: [Person.ID: String]) -> [UInt8]? {
        switch subject {
        case .comment(let comment): JSON.bytes(of: LiveMessage(comment, ids))
        case .ticket(let ticket): JSON.bytes(of: LiveTicket(ticket, for: caller, ids))
        case .article, .person, .notification, .erased: nil
        }
    }
}

extension Event {
    /// Whom its object names.
    var livePeople: [Person.ID] {
        switch subject {
        case .comment(let comment): [comment.author.id]
        case .ticket(let ticket): [ticket.requester.id]
        case .article, .person, .notification, .erased: []
        }
    }
}
