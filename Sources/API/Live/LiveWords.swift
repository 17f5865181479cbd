internal import Codec
internal import Domain

// The words of this dialect, and ours that they stand for.

/// What the requester is.
enum LiveRole: String, CaseIterable, Word {
    case guest = "TEMP_USER"
    case customer = "CUSTOMER"
    case agent = "AGENT"
    case admin = "ADMIN"

    init(_ role: Role) {
        switch role {
        case .guest: self = .guest
        case .customer: self = .customer
        case .agent: self = .agent
        case .admin: self = .admin
        }
    }
}

/// The tier that a ticket is with.
enum LiveSupportRole: String, CaseIterable, Word {
    case general = "GENERAL"
    case technical = "TECHNICAL"
    case manager = "MANAGER"
    case admin = "ADMIN"

    init(_ role: SupportRole) {
        switch role {
        case .general: self = .general
        case .technical: self = .technical
        case .manager: self = .manager
        case .admin: self = .admin
        }
    }
}

/// How much a ticket presses: its priority, in three steps.
enum LiveIssueLevel: String, CaseIterable, Word {
    case normal = "NORMAL"
    case urgent = "URGENT"
    case critical = "CRITICAL"

    init(_ priority: Priority) {
        switch priority {
        case .low, .medium: self = .normal
        case .high: self = .urgent
        case .urgent: self = .critical
        }
    }
}

/// Whether a ticket is over.
enum LiveStatus: String, CaseIterable, Word {
    case active = "ACTIVE"
    case closed = "CLOSED"

    init(_ status: Domain.Status) { self = status == .closed ? .closed : .active }

    /// What it means in ours.
    var statuses: [Domain.Status] { Domain.Status.allCases.filter { LiveStatus($0) == self } }
}

extension Moment {
    /// Whole seconds since 1970.
    var seconds: Int { milliseconds / 1000 }
}
