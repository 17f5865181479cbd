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
    case articleCreated = "article.created"
    case articleUpdated = "article.updated"
    case articlePublished = "article.published"
    case articleUnpublished = "article.unpublished"
    case articleDeleted = "article.deleted"
    case userCreated = "user.created"
    case userUpdated = "user.updated"
    case userDeleted = "user.deleted"
    /// A sign-in or an API key of theirs has ended.
    case userSignedOut = "user.signed_out"
    /// Somebody was told of something. Only they learn of it.
    case notificationCreated = "notification.created"
}

extension EventType {
    public var isOfArticle: Bool {
        switch self {
        case .articleCreated, .articleUpdated, .articlePublished, .articleUnpublished, .articleDeleted: true
        default: false
        }
    }
}
