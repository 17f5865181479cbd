/// What the log may tell of.
public enum EventType: String, CaseIterable, Sendable {
    case ticketCreated = "ticket.created"
    case ticketUpdated = "ticket.updated"
    case ticketAssigned = "ticket.assigned"
    case ticketStatusChanged = "ticket.status_changed"
    case ticketDeleted = "ticket.deleted"
    case ticketRestored = "ticket.restored"
    case commentCreated = "comment.created"
    case commentUpdated = "comment.updated"
    case commentDeleted = "comment.deleted"
    case userCreated = "user.created"
    case userUpdated = "user.updated"
    case userDeleted = "user.deleted"
}
