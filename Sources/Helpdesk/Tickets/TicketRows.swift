internal import Domain
internal import Storage

// How tickets are read and written. Everybody who reads a whole ticket reads it here.

extension SQL {
    /// The columns of a ticket, with those of the people on it, in the order in which `Row.ticket` reads them.
    static var ticketColumns: SQL {
        """
        t.id, t.number, t.title, t.description, t.status, t.priority, t.category, t.type, t.tags,
        t.requester_id, r.name, r.email, r.role, t.assignee_id, a.name, a.role,
        t.support_role, t.channel, t.embed_token, t.created_at, t.first_responded_at, t.resolved_at, t.closed_at, t.deleted_at,
        t.revision, t.comment_count, t.updated_at, t.shown_revision, t.shown_comment_count, t.shown_updated_at,
        t.status_since, t.reopenings, t.first_resolved_at, t.last_resolved_at
        """
    }

    /// Who is on a ticket, for the columns above.
    static var ticketPeople: SQL {
        "JOIN people r ON r.id = t.requester_id LEFT JOIN people a ON a.id = t.assignee_id"
    }

    static func isTicket(_ name: TicketName) -> SQL {
        switch name {
        case .id(let id): "t.id = \(id)"
        case .number(let number): "t.number = \(number)"
        }
    }

    /// Locks a ticket in PostgreSQL and reads it, with who is on it, in one statement.
    ///
    /// The lock stands in a part of its own: after a wait PostgreSQL looks again at the row that it locked, but not at the rows joined
    /// to it, and would give the new ticket with the old assignee. Behind the lock the people are found by the ticket as it is then. They are
    /// as they were when the statement began, so somebody who came later than that is missed, and with them the ticket.
    static func ticketUnderLock(_ name: TicketName) -> SQL {
        """
        WITH t AS MATERIALIZED (
            SELECT t.id, t.number, t.title, t.description, t.status, t.priority, t.category, t.type, t.tags, t.requester_id, t.assignee_id,
                t.support_role, t.channel, t.embed_token, t.created_at, t.first_responded_at, t.resolved_at, t.closed_at, t.deleted_at,
                t.revision, t.comment_count, t.updated_at, t.shown_revision, t.shown_comment_count, t.shown_updated_at,
                t.status_since, t.reopenings, t.first_resolved_at, t.last_resolved_at
            FROM tickets t WHERE \(.isTicket(name)) FOR UPDATE)
        SELECT \(.ticketColumns) FROM t \(.ticketPeople) WHERE t.assignee_id IS NULL OR a.id IS NOT NULL
        """
    }
}

extension Row {
    mutating func ticket() -> Ticket {
        let id = id(of: Ticket.self)
        let number = int()
        let title = text()
        let description = text()
        let status = word(Status.self)
        let priority = priority()
        let (category, type, tags) = (optionalText(), optionalText(), texts())
        let requester = Party(id: self.id(), name: text(), email: optionalText(), role: word())
        let assignee: Party?
        if let id = optionalID(of: Person.self) {
            assignee = Party(id: id, name: text(), email: nil, role: word())
        } else {
            assignee = nil
            skip(2)
        }
        let (supportRole, channel) = (word(SupportRole.self), word(Channel.self))
        var ticket = Ticket(
            id: id, number: number, title: title, description: description, priority: priority, category: category, type: type,
            tags: tags, requester: requester, channel: channel, embedToken: uuid(), at: moment())
        ticket.status = status
        ticket.assignee = assignee
        ticket.supportRole = supportRole
        ticket.firstRespondedAt = optionalMoment()
        ticket.resolvedAt = optionalMoment()
        ticket.closedAt = optionalMoment()
        ticket.deletedAt = optionalMoment()
        ticket.tally = tally()
        ticket.shownTally = tally()
        ticket.course = Ticket.Course(
            statusSince: moment(), reopenings: int(), firstResolvedAt: optionalMoment(), lastResolvedAt: optionalMoment())
        return ticket
    }

    private mutating func tally() -> Ticket.Tally { Ticket.Tally(revision: int(), commentCount: int(), updatedAt: moment()) }
}

extension Connection {
    /// A ticket by id or number, wherever it is, the bin too. Throws `.notFound`.
    func ticket(_ name: TicketName) async throws -> Ticket {
        let ticket = try await first("SELECT \(.ticketColumns) FROM tickets t \(.ticketPeople) WHERE \(.isTicket(name))") {
            $0.ticket()
        }
        guard let ticket else { throw DeskError.notFound("Ticket not found") }
        return ticket
    }

    /// The same, read to be changed: nobody else changes it before this transaction ends.
    func ticketToChange(_ name: TicketName) async throws -> Ticket {
        guard engine == .postgres else { return try await ticket(name) }
        // Twice: who came onto the ticket while this waited for the lock is seen by the second statement.
        for _ in 0..<2 {
            if let ticket = try await first(.ticketUnderLock(name), { $0.ticket() }) { return ticket }
        }
        throw DeskError.notFound("Ticket not found")
    }

    /// Those of these tickets that there are, read to be changed. They are locked in the order of their ids, so that of two who lock some
    /// of the same neither waits for a lock while the other waits for theirs.
    func ticketsToChange(_ ids: [Ticket.ID]) async throws -> [Ticket.ID: Ticket] {
        guard engine == .postgres else { return try await tickets(ids) }
        _ = try await all("SELECT id FROM tickets WHERE id IN \(list: ids) ORDER BY id FOR UPDATE") { $0.uuid() }
        // A statement of its own: it sees what others did while that one waited.
        return try await tickets(ids)
    }

    func tickets(_ ids: [Ticket.ID]) async throws -> [Ticket.ID: Ticket] {
        let found = try await all("SELECT \(.ticketColumns) FROM tickets t \(.ticketPeople) WHERE t.id IN \(list: ids)") { $0.ticket() }
        return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }

    /// Adds a ticket; the database gives its number.
    func insert(_ ticket: Ticket) async throws -> Int {
        let number = try await first(
            """
            INSERT INTO tickets (
                id, title, description, status, priority, category, type, tags, requester_id, assignee_id, support_role, channel,
                embed_token, created_at, first_responded_at, resolved_at, closed_at, deleted_at,
                revision, comment_count, updated_at, shown_revision, shown_comment_count, shown_updated_at,
                status_since, reopenings, first_resolved_at, last_resolved_at)
            VALUES (
                \(ticket.id), \(ticket.title), \(ticket.description), \(ticket.status), \(ticket.priority), \(ticket.category),
                \(ticket.type), \(stored(ticket.tags)), \(ticket.requester.id), \(ticket.assignee?.id), \(ticket.supportRole),
                \(ticket.channel), \(ticket.embedToken), \(ticket.createdAt), \(ticket.firstRespondedAt), \(ticket.resolvedAt),
                \(ticket.closedAt), \(ticket.deletedAt), \(ticket.tally.revision), \(ticket.tally.commentCount),
                \(ticket.tally.updatedAt), \(ticket.shownTally.revision), \(ticket.shownTally.commentCount),
                \(ticket.shownTally.updatedAt), \(ticket.course.statusSince), \(ticket.course.reopenings),
                \(ticket.course.firstResolvedAt), \(ticket.course.lastResolvedAt))
            RETURNING number
            """
        ) { $0.int() }
        guard let number else { throw StorageFault.broken("an inserted ticket has no number") }
        if !ticket.tags.isEmpty { try await addTags(ticket.tags, number, ticket.createdAt) }
        try await addToOrder(number, ticket)
        return number
    }

    func addTags(_ tags: [String], _ number: Int, _ createdAt: Moment) async throws {
        let rows = tags.map { "(\(tagKey($0)), \(createdAt), \(number))" as SQL }.joined(by: ", ")
        try await runSoon(
            "INSERT INTO ticket_tags (tag, created_at, ticket_number) VALUES \(rows) ON CONFLICT DO NOTHING")
    }

    /// Makes the index of a ticket's tags say what the ticket says.
    func replaceTags(of ticket: Ticket) async throws {
        try await runSoon("DELETE FROM ticket_tags WHERE ticket_number = \(ticket.number)")
        if !ticket.tags.isEmpty { try await addTags(ticket.tags, ticket.number, ticket.createdAt) }
    }
}
