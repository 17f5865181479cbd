/// Where a ticket stands.
public enum Status: String, CaseIterable, Sendable {
    case open
    case inProgress = "in_progress"
    /// Waiting for the customer.
    case pending
    case resolved
    case closed

    /// Whether somebody still has work with it: it counts in its assignee's load.
    public var isActive: Bool { self == .open || self == .inProgress || self == .pending }

    /// The only table of moves: any status may become any other, except that what is closed can only be opened again.
    public func mayBecome(_ next: Status) -> Bool { self != .closed || next == .closed || next == .open || next == .inProgress }
}

extension Ticket {
    /// Moves the ticket, and keeps the times that follow from it. False when it stands there already.
    /// Throws `.conflict` for a move that is none.
    public mutating func move(to next: Status, at now: Moment) throws(DeskError) -> Bool {
        guard next != status else { return false }
        guard status.mayBecome(next) else {
            throw .conflict("A closed ticket can only be reopened: its status may become open or in_progress")
        }
        if !status.isActive, next.isActive { course.reopenings += 1 }
        if status.isActive, !next.isActive {
            course.firstResolvedAt = course.firstResolvedAt ?? now
            course.lastResolvedAt = now
        }
        course.statusSince = now
        status = next
        switch next {
        case .resolved: (resolvedAt, closedAt) = (now, nil)
        case .closed: (resolvedAt, closedAt) = (resolvedAt ?? now, now)
        case .open, .inProgress, .pending: (resolvedAt, closedAt) = (nil, nil)
        }
        return true
    }

    /// What a public reply does to the status. The requester's opens again what waited for them or was done, and what was closed less
    /// than `reopenDays` ago; an agent's first reply starts the work. Throws `.conflict` when it was closed too long ago.
    public mutating func hear(replyBy author: Person.ID, isStaff: Bool, reopenDays: Int, at now: Moment) throws(DeskError) {
        if author == requester.id {
            switch status {
            case .pending, .resolved: _ = try move(to: .open, at: now)
            case .closed:
                try mustBeReopenable(reopenDays: reopenDays, at: now)
                _ = try move(to: .open, at: now)
            case .open, .inProgress: break
            }
        } else if isStaff, firstRespondedAt == nil {
            firstRespondedAt = now
            if status == .open { _ = try move(to: .inProgress, at: now) }
        }
    }

    /// What was closed long ago stays closed for its requester. Throws `.conflict` when `reopenDays` have passed.
    public func mustBeReopenable(reopenDays: Int, at now: Moment) throws(DeskError) {
        guard reopenDays > 0, now < (closedAt ?? now).adding(days: reopenDays) else {
            throw .conflict("This ticket was closed some time ago: please open a new one and mention #\(number)")
        }
    }
}
