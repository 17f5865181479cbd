// The words that tickets and people are described with. What they are called on input beside these names is the faces' business.

/// What somebody may do here, the least first: each may do all that those before may.
public enum Role: String, CaseIterable, Sendable, Comparable {
    case guest, customer, agent, admin

    public var isStaff: Bool { self == .agent || self == .admin }

    private var rank: Int {
        switch self {
        case .guest: 0
        case .customer: 1
        case .agent: 2
        case .admin: 3
        }
    }

    public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
}

/// The tier of support that a ticket is with, or that somebody works in.
public enum SupportRole: String, CaseIterable, Sendable {
    case general, technical, manager, admin
}

public enum Priority: String, CaseIterable, Sendable, Comparable {
    case low, medium, high, urgent

    /// 1 for low … 4 for urgent: how it is kept, so that it sorts.
    public var rank: Int {
        switch self {
        case .low: 1
        case .medium: 2
        case .high: 3
        case .urgent: 4
        }
    }

    public init?(rank: Int) {
        guard let found = Priority.allCases.first(where: { $0.rank == rank }) else { return nil }
        self = found
    }

    public static func < (left: Priority, right: Priority) -> Bool { left.rank < right.rank }
}

/// Whether a comment reaches the customer. A private one never does, by any path.
public enum CommentType: String, CaseIterable, Sendable {
    case `public`, `private`
}

/// How a ticket came in.
public enum Channel: String, CaseIterable, Sendable {
    case api, web, mail, chat, discord
}
