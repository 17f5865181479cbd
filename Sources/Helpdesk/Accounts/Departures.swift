internal import Domain
internal import Storage

// Somebody works here no more, or is to be forgotten. What hangs on them may be a hundred thousand rows, so it is put right in small steps,
// a transaction each, and nobody waits for it. What is left to do stands in the table `departures`: a crash, or another node, goes on there.

extension Desk {
    /// Does what is left of departures. Several nodes may at once. Nothing to do is one short question.
    public func finishDepartures() async throws {
        let isErased = try await read { look in
            try await look.db.first("SELECT is_erased FROM departures ORDER BY is_erased DESC LIMIT 1") { $0.bool() }
        }
        guard let isErased else { return }
        while try await write({ work in try await work.finishDeparture() }) {}
        if isErased { await database.forgetErased() }
    }
}

extension Work {
    /// Notes that somebody's tickets need somebody else, if they could be given tickets before and cannot be now.
    func noteDeparture(from before: Person, to after: Person) async throws {
        if before.mayBeAssigned, !after.mayBeAssigned { try await noteDeparture(of: after.id, isErased: false) }
    }

    /// - Parameter isErased: whether all that names them goes as well.
    func noteDeparture(of person: Person.ID, isErased: Bool) async throws {
        try await db.run(
            """
            INSERT INTO departures (person_id, is_erased) VALUES (\(person), \(isErased))
            ON CONFLICT (person_id) DO UPDATE SET is_erased = departures.is_erased OR excluded.is_erased
            """)
    }

    /// One step; false when there is nothing to do, or another node does it.
    fileprivate func finishDeparture() async throws -> Bool {
        let next = try await db.first(
            "SELECT person_id, is_erased FROM departures ORDER BY person_id LIMIT 1\(db.engine.claim)"
        ) { row in (person: row.id(of: Person.self), isErased: row.bool()) }
        guard let next else { return false }
        if try await handOver(ticketsOf: next.person) { return true }
        if next.isErased, try await db.eraseTraces(of: next.person) { return true }
        try await db.run("DELETE FROM departures WHERE person_id = \(next.person)")
        return true
    }

    /// Gives some tickets of somebody who has gone to others; false when there are none, or when they have come back.
    private func handOver(ticketsOf person: Person.ID) async throws -> Bool {
        let isBack = try await db.first("SELECT \(.personColumns) FROM people p WHERE p.id = \(person)") { $0.person().mayBeAssigned }
        if isBack == true { return false }
        let ids = try await db.all(
            """
            SELECT id FROM tickets WHERE assignee_id = \(person) AND deleted_at IS NULL
            ORDER BY status, created_at, number LIMIT \(Batch.most)
            """
        ) { $0.id(of: Ticket.self) }
        if ids.isEmpty { return false }
        let tickets = try await db.ticketsToChange(ids)
        try await gatheringLoads {
            for ticket in tickets.values.sorted(by: { $0.number < $1.number }) where ticket.assignee?.id == person {
                try await handOver(ticket)
            }
        }
        return true
    }

    /// To whom new tickets go, while there is work with it; else to nobody.
    private func handOver(_ before: Ticket) async throws {
        var ticket = before
        _ = try ticket.assign(to: before.status.isActive ? try await agent(by: rules.assignment) : nil, at: now)
        let changes = before.changes(to: ticket)
        ticket.advance(at: now)
        try await save(ticket, since: before)
        record(EventType(of: changes), ticket, by: nil, changes)
    }
}

extension Connection {
    /// Erases some of what names somebody beside their own row; false when nothing is left. Tickets and comments stay.
    fileprivate func eraseTraces(of person: Person.ID) async throws -> Bool {
        let most = Batch.most
        let events = try await run(
            """
            UPDATE events SET data = '{}', changes = '{}' WHERE seq IN (
                SELECT e.seq FROM events e WHERE e.object_id = \(person) AND e.ticket_id IS NULL AND e.data <> '{}'
                    AND e.type <> 'user.deleted' ORDER BY e.seq LIMIT \(most))
            """)
        if events > 0 { return true }
        for rows in SQL.rows(naming: person, atMost: most) where try await run(rows) > 0 { return true }
        return try await eraseFileNames(of: person, atMost: most)
    }

    /// What they called the files that they sent may name them: also where it stands in comments.
    private func eraseFileNames(of person: Person.ID, atMost most: Int) async throws -> Bool {
        let files = try await all(
            """
            SELECT id, comment_id FROM attachments WHERE uploader_id = \(person) AND name <> \(Attachment.erasedName) LIMIT \(most)
            """
        ) { row in (id: row.id(of: Attachment.self), comment: row.optionalID(of: Comment.self)) }
        if files.isEmpty { return false }
        try await run("UPDATE attachments SET name = \(Attachment.erasedName) WHERE id IN \(list: files.map(\.id))")
        let ids = Set(files.map(\.id))
        let comments = Set(files.compactMap(\.comment))
        if comments.isEmpty { return true }
        let kept = try await all("SELECT id, attachments FROM comments WHERE id IN \(list: Array(comments))") { row in
            (id: row.id(of: Comment.self), files: row.attachments())
        }
        for comment in kept {
            let files = comment.files.map { file in
                var file = file
                if ids.contains(file.id) { file.name = Attachment.erasedName }
                return file
            }
            try await run("UPDATE comments SET attachments = \(AttachmentSnapshot.stored(files)) WHERE id = \(comment.id)")
        }
        return true
    }
}

extension Attachment {
    fileprivate static let erasedName = "file"
}

extension SQL {
    /// Statements that each delete some rows that are of nobody's use once the person is gone.
    fileprivate static func rows(naming person: Person.ID, atMost most: Int) -> [SQL] {
        [
            """
            DELETE FROM followers WHERE person_id = \(person) AND ticket_id IN (
                SELECT f.ticket_id FROM followers f WHERE f.person_id = \(person) LIMIT \(most))
            """,
            "DELETE FROM notifications WHERE id IN (SELECT n.id FROM notifications n WHERE n.person_id = \(person) LIMIT \(most))",
            "DELETE FROM answers WHERE digest IN (SELECT a.digest FROM answers a WHERE a.person_id = \(person) LIMIT \(most))",
            "DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o WHERE o.person_id = \(person) LIMIT \(most))",
            "DELETE FROM inboxes WHERE person_id = \(person)",
        ]
    }
}
