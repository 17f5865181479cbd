public import Domain

/// Which tickets somebody asks for, and in which order. Of several values of one kind any will do; an empty list asks for nothing.
public struct TicketFilter: Sendable, Equatable {
    public enum Assignee: Sendable, Hashable {
        case person(Person.ID)
        /// Whoever asks.
        case me
        /// Nobody has taken it.
        case none
    }

    public var statuses: [Status] = []
    public var priorities: [Priority] = []
    public var categories: [String] = []
    public var types: [String] = []
    public var tags: [String] = []
    public var assignees: [Assignee] = []
    public var requester: Person.ID?
    public var supportRoles: [SupportRole] = []
    public var createdAfter: Moment?
    public var updatedAfter: Moment?
    /// Not at this moment any more.
    public var createdBefore: Moment?
    public var updatedBefore: Moment?
    /// Whether somebody, whoever it is, must have taken them.
    public var isAssigned = false
    /// Those of several people, where that is more than one.
    public var requesters: [Person.ID] = []
    /// Besides `tags`, one of each of these.
    public var moreTags: [[String]] = []
    /// What they must not be.
    public var except = Exceptions()
    /// What is asked for contradicts itself.
    public var isImpossible = false
    public var order = TicketOrder()
    /// What is in the bin, in place of all else.
    public var isInBin = false

    /// What tickets must not be, to be asked for.
    public struct Exceptions: Sendable, Equatable {
        public var tags: [String] = []
        public var categories: [String] = []
        public var types: [String] = []
        public var assignees: [Person.ID] = []
        public var requesters: [Person.ID] = []

        public init() {}
    }

    public init() {}
}

/// The order of a list of tickets; equal ones by number.
public struct TicketOrder: Sendable, Hashable {
    public enum Key: String, CaseIterable, Sendable {
        case createdAt = "created_at"
        /// Customers' lists go by the change that they may know of.
        case updatedAt = "updated_at"
        /// Low to urgent.
        case priority
        case number
    }

    public var key: Key
    public var isDescending: Bool

    /// Newest first unless said.
    public init(by key: Key = .createdAt, isDescending: Bool = true) {
        self.key = key
        self.isDescending = isDescending
    }
}

extension TicketFilter {
    /// Whose tickets they may be; nil for anybody's.
    var allRequesters: [Person.ID]? {
        if let requester { return requesters.isEmpty || requesters.contains(requester) ? [requester] : [] }
        return requesters.isEmpty ? nil : requesters
    }

    /// Whose tickets are asked for, one or several; empty for anybody's.
    public var askedRequesters: [Person.ID] {
        get { allRequesters ?? [] }
        set { (requester, requesters) = newValue.count == 1 ? (newValue[0], []) : (nil, newValue) }
    }
}
