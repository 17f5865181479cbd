public import Domain
internal import Storage

// Staff who follow a ticket are told what happens to it, whoever's it is. Following changes nothing of the ticket itself.

extension Look {
    /// Who follows a ticket, the first first.
    public func followers(of name: TicketName, as caller: Caller) async throws -> [Party] {
        let ticket = try await ticket(name, as: caller)
        guard caller.mayFollow else { throw DeskError.forbidden("Only staff follow tickets") }
        return try await db.all(
            """
            SELECT p.id, p.name, p.role FROM followers f JOIN people p ON p.id = f.person_id
            WHERE f.ticket_id = \(ticket.id) ORDER BY f.created_at, p.id LIMIT 1000
            """
        ) { $0.follower() }
    }

    /// Somebody who follows a ticket. Throws `.notFound` when they do not.
    public func follower(_ person: Person.ID, of name: TicketName, as caller: Caller) async throws -> Party {
        let ticket = try await ticket(name, as: caller)
        guard caller.mayFollow else { throw DeskError.forbidden("Only staff follow tickets") }
        let party = try await db.first(
            """
            SELECT p.id, p.name, p.role FROM followers f JOIN people p ON p.id = f.person_id
            WHERE f.ticket_id = \(ticket.id) AND f.person_id = \(person)
            """
        ) { $0.follower() }
        guard let party else { throw DeskError.notFound("They do not follow this ticket") }
        return party
    }
}

extension Work {
    /// Makes one of the staff follow a ticket; who does already goes on. Throws `.notFound` when there is nobody of that id among the
    /// active staff.
    public func addFollower(
        _ person: Person.ID, to name: TicketName, expecting revision: Int? = nil, as caller: Caller
    ) async throws -> Party {
        let ticket = try await db.ticket(name)
        try ticket.mustBeChangeable(by: caller)
        guard caller.mayFollow else { throw DeskError.forbidden("Only staff follow tickets") }
        try ticket.mustBe(at: revision, for: caller)
        let follower = try await db.person(person)
        guard follower.mayBeAssigned else { throw DeskError.notFound("User not found") }
        try await db.run(
            """
            INSERT INTO followers (ticket_id, person_id, created_at) VALUES (\(ticket.id), \(person), \(now)) ON CONFLICT DO NOTHING
            """)
        return Party(id: follower.id, name: follower.name, email: nil, role: follower.role)
    }

    /// Makes somebody follow a ticket no longer; who did not stays away.
    public func removeFollower(
        _ person: Person.ID, from name: TicketName, expecting revision: Int? = nil, as caller: Caller
    ) async throws {
        let ticket = try await db.ticket(name)
        try ticket.mustBeChangeable(by: caller)
        guard caller.mayFollow else { throw DeskError.forbidden("Only staff follow tickets") }
        try ticket.mustBe(at: revision, for: caller)
        try await db.run("DELETE FROM followers WHERE ticket_id = \(ticket.id) AND person_id = \(person)")
    }
}

extension Row {
    fileprivate mutating func follower() -> Party { Party(id: id(), name: text(), email: nil, role: word()) }
}
