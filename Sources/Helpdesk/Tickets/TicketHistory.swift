internal import Codec
public import Domain
internal import Storage

/// What somebody changed of a ticket.
public struct HistoryEntry: Sendable {
    public let at: Moment
    /// Nil when it happened by itself.
    public let actor: Party?
    public let type: EventType
    public let changes: [FieldChange]

    public init(at: Moment, actor: Party?, type: EventType, changes: [FieldChange]) {
        self.at = at
        self.actor = actor
        self.type = type
        self.changes = changes
    }
}

extension Look {
    /// A slice of what happened to a ticket that the caller may see, oldest first. Customers get neither what is private nor what a
    /// public comment said before somebody took it away.
    public func history(of name: TicketName, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<HistoryEntry> {
        let ticket = try await ticket(name, as: caller)
        let unnamed = try await db.rows(slice.history(of: ticket.id, as: caller, db.engine), slice, size: \.size) { $0.historyRow() }
        let rows = try await db.named(unnamed)
        var total: Int?
        if slice.isCounted {
            let known = SQL.events(of: ticket.id, as: caller)
            total = try await db.first("SELECT count(*) FROM (SELECT e.seq \(known) LIMIT 10000) k") { $0.int() }
        }
        let slice = Slice(rows, slice, total: total, at: { Position(key: $0.seq, tie: 0) }, size: \.size)
        var found = Slice(items: slice.items.compactMap(\.entry), next: slice.next, total: total)
        found.owner = ticket.id.bits
        return found
    }
}

extension SliceRequest {
    /// The slice's entries and one more.
    func history(of ticket: Ticket.ID, as caller: Caller, _ engine: Engine) -> SQL {
        let after: SQL = after.map { " AND e.seq > \($0.key)" } ?? ""
        let known = SQL.events(of: ticket, as: caller)
        let rows: SQL = """
            SELECT e.seq, e.at, e.actor_id, e.type, e.changes, e.old_text, CASE WHEN e.old_text IS NOT NULL THEN \(.newText) END AS new_text
            \(known)\(after) ORDER BY e.seq\(room)
            """
        let size: SQL = """
            octet_length(q.changes) + COALESCE(octet_length(q.old_text), 0) + COALESCE(octet_length(q.new_text), 0)
            """
        return bound(rows, size: size, in: "q.seq", longest: Self.longestEvent, on: engine)
    }
}

extension SQL {
    fileprivate static func events(of ticket: Ticket.ID, as caller: Caller) -> SQL {
        "FROM events e \(.eventTicket) WHERE e.ticket_id = \(ticket) AND e.recipient_id IS NULL\(caller.isStaff ? "" : .shownEvents)"
    }

    /// Ends a question for the events of a ticket that its requester may know of.
    fileprivate static var shownEvents: SQL {
        """
         AND e.is_private = FALSE AND NOT (e.type = 'comment.updated' AND EXISTS (
            SELECT c.id FROM comments c WHERE c.id = e.object_id AND c.deleted_at IS NOT NULL))
        """
    }
}

/// An entry, where it stands, and how many bytes its changes have. No entry of a kind that only a later release knows.
private struct HistoryRow: Sendable {
    let seq: Int
    var entry: HistoryEntry?
    let size: Int

    var people: [Person.ID] {
        guard let entry else { return [] }
        return entry.changes.flatMap(\.people) + (entry.actor.map { [$0.id] } ?? [])
    }
}

extension Row {
    /// An entry without names.
    fileprivate mutating func historyRow() -> HistoryRow {
        let (seq, at) = (int(), moment())
        let actor = optionalID(of: Person.self).map { Party(id: $0, name: "", email: nil, role: .guest) }
        let type = withText { text in EventType.allCases.first { text.elementsEqual($0.rawValue.utf8) } }
        let (changes, size) = withText { (FieldChange.read($0), $0.count) }
        if changes == nil { pass(over: "the changes of event \(seq)") }
        let (old, new) = (optionalText(), optionalText())
        let entry = type.map { type in
            // When it came into a status is when the entry before says so.
            let shown = (changes ?? []).filter { !$0.field.equals("status_since") }
            return HistoryEntry(at: at, actor: actor, type: type, changes: shown.map { $0.withTexts(old, new) })
        }
        return HistoryRow(seq: seq, entry: entry, size: size + (old?.utf8.count ?? 0) + (new?.utf8.count ?? 0))
    }
}

extension Connection {
    fileprivate func named(_ rows: [HistoryRow]) async throws -> [HistoryRow] {
        let parties = try await parties(Set(rows.flatMap(\.people)))
        return rows.map { row in
            guard let entry = row.entry else { return row }
            var row = row
            row.entry = HistoryEntry(
                at: entry.at, actor: entry.actor.map { Party(id: $0.id, name: parties[$0.id]?.name ?? "", email: nil, role: .guest) },
                type: entry.type, changes: entry.changes.map { $0.naming(parties) })
            return row
        }
    }
}
