internal import Codec
internal import Domain
internal import Storage

extension Desk {
    /// Tells people what happened, once, going along the log: so a change costs its writer nothing for those who are told of it. On a desk
    /// that had no notifications before, it begins with what happens from now on.
    public func notifier() -> LogReader {
        LogReader("notifications", of: self, from: .end, effects: { work, events in try await work.tell(of: events) })
    }
}

extension Work {
    /// Tells those who are on the events' tickets, in a few statements for all of them.
    func tell(of events: [Event]) async throws {
        let telling = events.filter(\.isWorthTelling)
        let shaken = try await peopleWhoSeeOther(than: events)
        if telling.isEmpty, shaken.isEmpty { return }
        let drafts = telling.isEmpty ? [] : try await drafts(of: telling)
        let people = Set(drafts.map(\.person)).union(shaken).sorted { $0.bits < $1.bits }
        if !shaken.isEmpty { try await db.lockInboxes(of: people) }
        try await insert(drafts)
        if !shaken.isEmpty { try await db.recount(Array(shaken), rules.agentScope) }
    }

    /// A notification before it is written, and who is told.
    fileprivate struct Draft {
        let person: Person.ID
        let isPrivate: Bool
        let notification: Notification
    }

    // MARK: - Who is told of what

    private func drafts(of events: [Event]) async throws -> [Draft] {
        let followers = try await db.followers(of: Array(Set(events.compactMap(\.ticket))))
        let called = try await db.called(events.flatMap(\.namedAnew))
        var all: [(event: Event, told: Told)] = []
        for event in events {
            guard let ticket = event.ticket, let standing = event.standing else { continue }
            let circle = Circle(
                requester: standing.requester, assignee: standing.assignee, followers: followers[ticket] ?? [])
            all.append((event, Told(of: event, in: circle, mentioned: event.mentioned(called, circle))))
        }
        let listeners = try await db.listeners(Set(all.flatMap { $0.told.order }))
        let tickets = try await db.about(Set(events.compactMap(\.ticket)))
        var toldAlready = try await alreadyTold(of: events)
        var drafts: [Draft] = []
        for (event, told) in all {
            guard let ticket = event.ticket, let about = tickets[ticket] else { continue }
            for person in told.order {
                guard let listener = listeners[person], listener.maySee(event, rules.agentScope) else { continue }
                guard let reason = told.reasons[person]?.first(where: { listener.preferences[$0].inApp }) else { continue }
                // What came of a reply is told by the reply.
                let act = Act(person: person, ticket: ticket, actor: event.actor?.id, at: event.at)
                if reason == .statusChanged, toldAlready.contains(act) { continue }
                toldAlready.insert(act)
                drafts.append(draft(reason, event, about, to: person))
            }
        }
        return drafts
    }

    private func draft(_ reason: Notification.Reason, _ event: Event, _ about: Notification.About, to person: Person.ID) -> Draft {
        var comment: Comment.ID?
        if case .comment(let written) = event.subject { comment = written.id }
        let actor = event.actor.map { Party(id: $0.id, name: $0.name, email: nil, role: .guest) }
        let notification = Notification(
            id: Notification.ID(outside.newID()), reason: reason, ticket: about, comment: comment, actor: actor, createdAt: event.at)
        return Draft(person: person, isPrivate: event.isPrivate, notification: notification)
    }

    /// One thing that somebody did on a ticket, and who was told of it.
    private struct Act: Hashable {
        let person: Person.ID
        let ticket: Ticket.ID
        let actor: Person.ID?
        let at: Moment
    }

    /// What people were told before of the acts that these changes of status may be a part of: a step of the reader may end between a
    /// reply and what came of it.
    private func alreadyTold(of events: [Event]) async throws -> Set<Act> {
        let moved = events.filter { event in event.changes.contains { $0.field == "status" } }
        guard !moved.isEmpty else { return [] }
        let acts = try await db.all(
            """
            SELECT person_id, ticket_id, actor_id, created_at FROM notifications
            WHERE ticket_id IN \(list: Array(Set(moved.compactMap(\.ticket)))) AND created_at IN \(list: Array(Set(moved.map(\.at))))
            """
        ) { Act(person: $0.id(), ticket: $0.id(), actor: $0.optionalID(), at: $0.moment()) }
        return Set(acts)
    }

    // MARK: - What is written

    private func insert(_ drafts: [Draft]) async throws {
        for part in drafts.inParts(ofAtMost: Self.mostRows) {
            let rows = part.map { draft in
                let told = draft.notification
                return """
                    (\(told.id), \(draft.person), \(told.reason), \(told.ticket.id), \(told.comment), \(draft.isPrivate), \
                    \(told.actor?.id), \(told.createdAt), \(Moment?.none))
                    """ as SQL
            }
            try await db.run(
                """
                INSERT INTO notifications (id, person_id, reason, ticket_id, comment_id, is_private, actor_id, created_at, read_at)
                VALUES \(rows.joined(by: ", "))
                """)
        }
        try await countUp(drafts)
        for draft in drafts { record(draft.notification, to: draft.person, isPrivate: draft.isPrivate) }
    }

    private func countUp(_ drafts: [Draft]) async throws {
        let counts = Dictionary(grouping: drafts, by: \.person).mapValues(\.count).sorted { $0.key.bits < $1.key.bits }
        for part in counts.inParts(ofAtMost: Self.mostRows) {
            let rows = part.map { "(\($0.key), \($0.value), '{}', 0)" as SQL }
            try await db.run(
                """
                INSERT INTO inboxes (person_id, unread, preferences, revision) VALUES \(rows.joined(by: ", "))
                ON CONFLICT (person_id) DO UPDATE SET unread = inboxes.unread + excluded.unread
                """)
        }
    }

    // MARK: - What people see no longer, or again

    /// Those who may have unread notifications that they see no longer, or again, after these events.
    private func peopleWhoSeeOther(than events: [Event]) async throws -> Set<Person.ID> {
        var people = Set(events.filter { $0.changesStanding }.compactMap(\.person))
        let tickets = Set(events.filter { $0.changesSight(rules.agentScope) }.compactMap(\.ticket))
        guard !tickets.isEmpty else { return people }
        let readers = try await db.all(
            "SELECT DISTINCT person_id FROM notifications WHERE ticket_id IN \(list: Array(tickets)) AND read_at IS NULL"
        ) { $0.id(of: Person.self) }
        people.formUnion(readers)
        return people
    }
}

extension Event {
    fileprivate var changesStanding: Bool { type == .userUpdated && changes.contains { $0.field == "role" } }

    /// Whether somebody may see less of its ticket than before, or more.
    fileprivate func changesSight(_ scope: Rules.AgentScope) -> Bool {
        switch type {
        case .ticketDeleted, .ticketRestored, .commentDeleted: true
        case .ticketUpdated, .ticketAssigned:
            changes.contains { $0.field == "requester" || ($0.field == "assignee" && scope == .assigned) }
        default: false
        }
    }

    /// Whom a comment names. Staff name their colleagues and the requester; whoever writes in public from outside names only those who are
    /// on the ticket anyway, so that nobody can be called here by a stranger.
    fileprivate func mentioned(_ called: Called, _ circle: Circle) -> [Person.ID] {
        guard case .comment(let comment) = subject else { return [] }
        let people = namedAnew.compactMap { called.person($0) }
        return comment.author.role.isStaff ? people : people.filter { circle.staff.contains($0) }
    }
}

/// Somebody who may be told things: what they see, and what they want to know.
private struct Listener: Sendable {
    let id: Person.ID
    let role: Role
    let preferences: NotificationPreferences

    func maySee(_ event: Event, _ scope: Rules.AgentScope) -> Bool {
        Caller(id: id, label: "", name: "", email: nil, role: role, seesAssignedOnly: scope == .assigned).maySee(event)
    }
}

extension Connection {
    /// Those of these people who are there to be told. Contacts are not: they have nowhere to read it.
    fileprivate func listeners(_ people: Set<Person.ID>) async throws -> [Person.ID: Listener] {
        guard !people.isEmpty else { return [:] }
        let found = try await all(
            """
            SELECT p.id, p.role, b.preferences FROM people p LEFT JOIN inboxes b ON b.person_id = p.id
            WHERE p.id IN \(list: Array(people)) AND p.is_active = TRUE AND p.deleted_at IS NULL AND p.origin <> 'contact'
            """
        ) { row in Listener(id: row.id(), role: row.word(), preferences: row.preferences()) }
        return Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    }

    /// What those tickets are called.
    fileprivate func about(_ tickets: Set<Ticket.ID>) async throws -> [Ticket.ID: Notification.About] {
        let found = try await all("SELECT id, number, title, status FROM tickets WHERE id IN \(list: Array(tickets))") { row in
            Notification.About(id: row.id(), number: row.int(), title: row.text(), status: row.word())
        }
        return Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    }
}
