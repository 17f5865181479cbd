extension Ticket {
    /// Gives the ticket to somebody, or to nobody. Work on what was open begins with that. False when nothing changes.
    public mutating func assign(to person: Party?, at now: Moment) throws(DeskError) -> Bool {
        guard person?.id != assignee?.id else { return false }
        // Without their address, which customers have no business with.
        assignee = person.map { Party(id: $0.id, name: $0.name, email: nil, role: $0.role) }
        if person != nil, status == .open { _ = try move(to: .inProgress, at: now) }
        return true
    }
}

extension Person {
    /// Whether they can be given tickets.
    public var mayBeAssigned: Bool { isActive && role.isStaff }
}
