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
        let rows = try await db.rows(slice.history(of: ticket.id, as: caller, db.engine), slice, size: \.size) { $0.historyRow() }
        var total: Int?
        if slice.isCounted {
            let known = SQL.events(of: ticket.id, as: caller)
            total = try await db.first("SELECT count(*) FROM (SELECT e.seq \(known) LIMIT 10000) k") { $0.int() }
        }
        var found = Slice(rows, slice, total: total, at: { Position(key: $0.seq, tie: 0) }, size: \.size).map(\.entry)
        found.owner = ticket.id.bits
        return found
    }
}

extension SliceRequest {
    /// The slice's entries and one more.
    func history(of ticket: Ticket.ID, as caller: Caller, _ engine: Engine) -> SQL {
        let after: SQL = after.map { " AND e.seq > \($0.key)" } ?? ""
        let known = SQL.events(of: ticket, as: caller)
        let rows: SQL = "SELECT e.seq, e.at, e.actor_id, e.actor_name, e.type, e.changes \(known)\(after) ORDER BY e.seq\(room)"
        return bound(rows, size: "octet_length(q.changes)", in: "q.seq", longest: Self.longestEvent, on: engine)
    }
}

extension SQL {
    fileprivate static func events(of ticket: Ticket.ID, as caller: Caller) -> SQL {
        "FROM events e WHERE e.ticket_id = \(ticket) AND e.recipient_id IS NULL\(caller.isStaff ? "" : .shownEvents)"
    }

    /// Ends a question for the events of a ticket that its requester may know of.
    fileprivate static var shownEvents: SQL {
        """
         AND e.is_private = FALSE AND NOT (e.type = 'comment.updated' AND EXISTS (
            SELECT c.id FROM comments c WHERE c.id = e.object_id AND c.deleted_at IS NOT NULL))
        """
    }
}

/// An entry, where it stands, and how many bytes its changes have.
private struct HistoryRow {
    let seq: Int
    let entry: HistoryEntry
    let size: Int
}

extension Row {
    fileprivate mutating func historyRow() -> HistoryRow {
        let (seq, at) = (int(), moment())
        let (id, name) = (optionalID(of: Person.self), text())
        let type = word(EventType.self)
        let (changes, size) = withText { (FieldChange.read($0), $0.count) }
        if changes == nil { refuse("changes that are none") }
        let actor = id.map { Party(id: $0, name: name, email: nil, role: .guest) }
        return HistoryRow(seq: seq, entry: HistoryEntry(at: at, actor: actor, type: type, changes: changes ?? []), size: size)
    }
}
