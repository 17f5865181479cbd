/// What somebody is told because it is theirs to know: a ticket was given to them, somebody answered, named them, or moved the ticket.
public struct Notification: Sendable, Equatable {
    public typealias ID = Identifier<Notification>

    /// Why somebody is told.
    public enum Reason: String, CaseIterable, Sendable {
        case assigned, replied, mentioned
        case statusChanged = "status_changed"
    }

    /// A ticket, as far as it takes to name it.
    public struct About: Sendable, Equatable {
        public var id: Ticket.ID
        public var number: Int
        public var title: String
        public var status: Status

        public init(id: Ticket.ID, number: Int, title: String, status: Status) {
            self.id = id
            self.number = number
            self.title = title
            self.status = status
        }
    }

    public var id: ID
    public var reason: Reason
    public var ticket: About
    /// What was written; nil when nothing was.
    public var comment: Comment.ID?
    /// Who did it; nil for the desk itself.
    public var actor: Party?
    public var createdAt: Moment
    public var readAt: Moment?

    public init(
        id: ID, reason: Reason, ticket: About, comment: Comment.ID?, actor: Party?, createdAt: Moment, readAt: Moment? = nil
    ) {
        self.id = id
        self.reason = reason
        self.ticket = ticket
        self.comment = comment
        self.actor = actor
        self.createdAt = createdAt
        self.readAt = readAt
    }
}

/// On which ways somebody wants to be told of what. All of them, unless they say otherwise.
public struct NotificationPreferences: Sendable, Equatable {
    public struct Ways: Sendable, Equatable {
        public var inApp = true
        public var mail = true

        public init() {}
    }

    public var assigned = Ways()
    public var replied = Ways()
    public var mentioned = Ways()
    public var statusChanged = Ways()

    public init() {}

    public subscript(reason: Notification.Reason) -> Ways {
        switch reason {
        case .assigned: assigned
        case .replied: replied
        case .mentioned: mentioned
        case .statusChanged: statusChanged
        }
    }
}
