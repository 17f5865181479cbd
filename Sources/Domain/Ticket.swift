/// Something somebody wants help with.
public struct Ticket: Sendable, Equatable {
    public typealias ID = Identifier<Ticket>

    public var id: ID
    /// For people: 1, 2, 3 …
    public var number: Int
    public var title: String
    public var description: String
    public var status: Status
    public var priority: Priority
    public var category: String?
    public var type: String?
    public var tags: [String]
    public var requester: Party
    public var assignee: Party?
    public var supportRole: SupportRole
    public var channel: Channel
    /// Opens the ticket's four public facts to whoever holds it.
    public var embedToken: UInt128
    public var createdAt: Moment
    public var firstRespondedAt: Moment?
    public var resolvedAt: Moment?
    public var closedAt: Moment?
    /// How it came to where it stands.
    public var course: Course
    /// When it went to the bin.
    public var deletedAt: Moment?
    /// How far it has come, with all that happened.
    public var tally: Tally
    /// The same without what is hidden from customers: private comments do not move it.
    public var shownTally: Tally

    /// What is kept of the way through its statuses, beside the log: what a clock that stops and goes on needs to know.
    public struct Course: Sendable, Equatable {
        /// When it came into the status that it has.
        public var statusSince: Moment
        /// How often it was opened again.
        public var reopenings: Int
        /// When it was resolved, or closed without that, for the first time and for the last; both stay when it is opened again.
        public var firstResolvedAt: Moment?
        public var lastResolvedAt: Moment?

        public init(statusSince: Moment, reopenings: Int = 0, firstResolvedAt: Moment? = nil, lastResolvedAt: Moment? = nil) {
            self.statusSince = statusSince
            self.reopenings = reopenings
            self.firstResolvedAt = firstResolvedAt
            self.lastResolvedAt = lastResolvedAt
        }
    }

    /// What moves with every change.
    public struct Tally: Sendable, Equatable {
        public var revision: Int
        public var commentCount: Int
        public var updatedAt: Moment

        public init(revision: Int, commentCount: Int, updatedAt: Moment) {
            self.revision = revision
            self.commentCount = commentCount
            self.updatedAt = updatedAt
        }

        mutating func advance(comments: Int, at now: Moment) {
            revision += 1
            commentCount += comments
            updatedAt = max(updatedAt, now)
        }
    }

    /// A ticket as it is opened.
    public init(
        id: ID, number: Int = 0, title: String, description: String, priority: Priority = .medium, category: String? = nil,
        type: String? = nil, tags: [String] = [], requester: Party, channel: Channel = .api, embedToken: UInt128, at now: Moment
    ) {
        self.id = id
        self.number = number
        self.title = title
        self.description = description
        self.status = .open
        self.priority = priority
        self.category = category
        self.type = type
        self.tags = tags
        self.requester = requester
        self.supportRole = .general
        self.channel = channel
        self.embedToken = embedToken
        self.createdAt = now
        course = Course(statusSince: now)
        tally = Tally(revision: 1, commentCount: 0, updatedAt: now)
        shownTally = tally
    }

    /// Notes that something happened. What customers see moves only when they may know of it.
    public mutating func advance(comments: Int = 0, isShown: Bool = true, at now: Moment) {
        tally.advance(comments: comments, at: now)
        if isShown { shownTally.advance(comments: comments, at: now) }
    }

    /// Whose load it counts in: its assignee's, while somebody still has work with it.
    public var bearer: Person.ID? { deletedAt == nil && status.isActive ? assignee?.id : nil }

    /// What this caller sees of revision, time of change and count of comments.
    public func tally(for caller: Caller) -> Tally { caller.isStaff ? tally : shownTally }
}

/// How a caller names a ticket: by id or by number.
public enum TicketName: Hashable, Sendable {
    case id(Ticket.ID)
    case number(Int)
}
