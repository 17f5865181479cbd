internal import Codec
internal import Domain
internal import Storage

extension Work {
    /// Gives a ticket that is being changed to somebody, or to nobody. Throws `.forbidden` when that is not the caller's to say, and
    /// `.invalid` when there is no such person, or none who works here now.
    func assign(_ ticket: inout Ticket, _ edit: TicketEdit, as caller: Caller) async throws {
        try edit.assign(&ticket, try await db.newAssignee(edit), as: caller, at: now)
    }
}

extension TicketEdit {
    /// Gives a ticket to whom `newAssignee` has found. Throws `.forbidden` when that is not the caller's to say.
    func assign(_ ticket: inout Ticket, _ assignee: Change<Person>, as caller: Caller, at now: Moment) throws {
        let person: Person?
        switch assignee {
        case .absent: return
        case .null: person = nil
        case .to(let found): person = found
        }
        guard caller.mayAssign(to: person?.id) else { throw DeskError.forbidden("You may assign tickets to yourself only") }
        _ = try ticket.assign(to: person?.party, at: now)
    }
}

extension Connection {
    /// Whom an edit gives tickets to. Throws `.invalid` when there is no such person, or none who works here now.
    func newAssignee(_ edit: TicketEdit) async throws -> Change<Person> {
        switch edit.assignee {
        case .absent: return .absent
        case .null: return .null
        case .to(let name):
            guard let person = try await assignee(name) else {
                throw DeskError.invalid([
                    InvalidField(edit.assigneeField, "not_staff", "There is no such person among the active staff")
                ])
            }
            return .to(person)
        }
    }

    /// One of the staff who can be given tickets; nil alike for whoever is not there and whoever is none.
    func assignee(_ name: PersonName) async throws -> Person? {
        let isIt: SQL =
            switch name {
            case .id(let id): "p.id = \(id)"
            case .text(let text) where text.utf8.contains(UInt8(ascii: "@")): "p.email_key = \(key(text))"
            case .text(let text): "p.username_key = \(key(text))"
            }
        let found = try await all(
            """
            SELECT \(.personColumns) FROM people p
            WHERE \(isIt) AND p.role IN ('agent', 'admin') AND p.is_active = TRUE AND p.deleted_at IS NULL
            ORDER BY p.origin, p.id LIMIT 1
            """
        ) { $0.person() }
        return found.first.flatMap { $0.mayBeAssigned ? $0 : nil }
    }
}
