internal import Codec
internal import Domain
internal import Storage

// Somebody wrote a mail or asked as a guest, and later got an account with the same address. Once it has shown that the address is its
// own, what they opened before is the account's. It goes in bounded steps, a transaction each, so that a thousand tickets hold up nobody; a step that a crash
// cut off is taken up at the next sign-in.

extension Desk {
    /// How many tickets, or comments, go over in one transaction.
    static let joinedAtOnce = 50

    /// Brings what the same address opened before to an account that owns it. Nothing to do is one short question.
    func joinEarlierTickets(to person: Person) async throws {
        guard person.ownsAddress, let email = person.email else { return }
        let others = try await read { look in try await look.db.strangers(with: email) }
        for other in others {
            while try await write({ work in try await work.join(other, to: person.id) }) {}
        }
    }
}

extension Work {
    /// One step: false once there is no more to do. The contact is erased with the last.
    fileprivate func join(_ other: Person.ID, to account: Person.ID) async throws -> Bool {
        let tickets = try await db.tickets(of: other, atMost: Desk.joinedAtOnce)
        for id in tickets { try await hand(id, from: other, to: account) }
        if !tickets.isEmpty { return true }
        let stranger = try await db.person(other, lock: true)
        // Staff may have opened another for them while this waited.
        guard try await db.tickets(of: other, atMost: 1).isEmpty else { return true }
        // A guest may come again, with the token of whoever vouches for them; a contact is the account from now on.
        guard stranger.origin == .contact else { return false }
        if try await db.handComments(from: other, to: account, atMost: Desk.joinedAtOnce) > 0 { return true }
        try await erase(stranger, by: try await db.person(account).party)
        return false
    }

    /// Makes a ticket the account's, with what its requester said on it.
    private func hand(_ id: Ticket.ID, from other: Person.ID, to account: Person.ID) async throws {
        let before = try await db.ticketToChange(.id(id))
        guard before.requester.id == other else { return }
        var ticket = before
        ticket.requester = try await db.person(account).party
        ticket.advance(at: now)
        try await save(ticket, since: before)
        try await db.run("UPDATE comments SET author_id = \(account) WHERE ticket_id = \(id) AND author_id = \(other)")
        record(.ticketUpdated, ticket, by: ticket.requester, before.changes(to: ticket))
    }

    /// Leaves nothing of a contact but the row that old events name.
    private func erase(_ contact: Person, by actor: Party) async throws {
        var erased = contact
        (erased.email, erased.username) = (nil, nil)
        (erased.firstName, erased.lastName, erased.name) = ("", "", "")
        (erased.locale, erased.timeZone) = (nil, nil)
        erased.isActive = false
        erased.revision += 1
        erased.updatedAt = now
        try await db.save(erased)
        try await db.run("UPDATE people SET deleted_at = \(now) WHERE id = \(erased.id)")
        try await noteDeparture(of: erased.id, isErased: true)
        changesCallers = true
        record(.userDeleted, erased, by: actor)
    }
}

extension Connection {
    /// Contacts with that address, and guests with tickets: people who may turn out to be the account of that address.
    fileprivate func strangers(with email: String) async throws -> [Person.ID] { try await all(.strangers(with: key(email))) { $0.id() } }

    /// Also those in the bin: they may be taken out of it. In the order of their ids, in which everybody locks tickets.
    fileprivate func tickets(of person: Person.ID, atMost most: Int) async throws -> [Ticket.ID] {
        var found: [Ticket.ID] = []
        for isInBin in [false, true] where found.count < most {
            found += try await all(.ids(ofTicketsBy: person, isInBin: isInBin, atMost: most - found.count)) { $0.id() }
        }
        return found.sorted { $0.bits < $1.bits }
    }

    fileprivate func handComments(from other: Person.ID, to account: Person.ID, atMost most: Int) async throws -> Int {
        let ids = try await all("SELECT id FROM comments WHERE author_id = \(other) ORDER BY id LIMIT \(most)") { $0.id(of: Comment.self) }
        if ids.isEmpty { return 0 }
        return try await run("UPDATE comments SET author_id = \(account) WHERE id IN \(list: ids)")
    }
}

// An index of tickets holds those in the bin or the others: so each is asked for by itself, since no index leads to both.
extension SQL {
    /// - Parameter email: as it is compared.
    static func strangers(with email: String) -> SQL {
        """
        SELECT p.id FROM people p
        WHERE p.email_key = \(email) AND p.deleted_at IS NULL AND (p.origin = 'contact' OR (
            p.origin = 'delegated' AND p.role = 'guest' AND (
                EXISTS (SELECT t.number FROM tickets t WHERE t.requester_id = p.id AND t.deleted_at IS NULL)
                OR EXISTS (SELECT t.number FROM tickets t WHERE t.requester_id = p.id AND t.deleted_at IS NOT NULL))))
        ORDER BY p.id LIMIT 20
        """
    }

    static func ids(ofTicketsBy person: Person.ID, isInBin: Bool, atMost most: Int) -> SQL {
        isInBin
            ? "SELECT t.id FROM tickets t WHERE t.requester_id = \(person) AND t.deleted_at IS NOT NULL ORDER BY t.number LIMIT \(most)"
            : """
            SELECT t.id FROM tickets t WHERE t.requester_id = \(person) AND t.deleted_at IS NULL
            ORDER BY t.created_at, t.number LIMIT \(most)
            """
    }
}
