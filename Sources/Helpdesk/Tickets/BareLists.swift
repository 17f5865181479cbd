public import Domain
internal import Storage

// Lists without pages that show no texts, for clients that know no pages. They cost what their limit costs, and what is not shown is not read.

/// What a list says of a ticket that shows no more than where it stands.
public struct TicketHeading: Sendable {
    public var id: Ticket.ID
    public var number: Int
    public var title: String
    public var priority: Priority
    public var status: Status
    public var createdAt: Moment

    public init(id: Ticket.ID, number: Int, title: String, priority: Priority, status: Status, createdAt: Moment) {
        self.id = id
        self.number = number
        self.title = title
        self.priority = priority
        self.status = status
        self.createdAt = createdAt
    }
}

extension Look {
    /// Whatever is on the desk, newest first, for everybody to see where its tickets are public.
    public func allHeadings(atMost limit: Int) async throws -> [TicketHeading] {
        try await db.all(.allHeadings(atMost: limit)) { $0.heading() }
    }

    /// What somebody has opened, newest first, as far as the caller may see it; of any status when none is named. Throws `.notFound` when
    /// there is no such person.
    public func headings(
        of requester: Person.ID, _ statuses: [Status], atMost limit: Int, as caller: Caller
    ) async throws -> [TicketHeading] {
        _ = try await db.person(requester)
        let isOne: SQL = statuses.isEmpty ? "" : " AND t.status IN \(list: statuses)"
        let isSeen: SQL = caller.isKeptToOwnWork ? " AND (t.assignee_id IS NULL OR t.assignee_id = \(caller.id))" : ""
        return try await db.all(
            """
            SELECT \(.headingColumns) FROM tickets t
            WHERE t.requester_id = \(requester) AND t.deleted_at IS NULL\(isOne)\(isSeen)
            ORDER BY t.created_at DESC, t.number DESC LIMIT \(limit)
            """
        ) { $0.heading() }
    }
}

extension SQL {
    /// The columns of a heading, in the order in which `Row.heading` reads them.
    static var headingColumns: SQL { "t.id, t.number, t.title, t.priority, t.status, t.created_at" }

    static func allHeadings(atMost limit: Int) -> SQL {
        "SELECT \(.headingColumns) FROM tickets t WHERE t.deleted_at IS NULL ORDER BY t.number DESC LIMIT \(limit)"
    }
}

extension Row {
    fileprivate mutating func heading() -> TicketHeading {
        TicketHeading(
            id: id(of: Ticket.self), number: int(), title: text(), priority: priority(), status: word(Status.self), createdAt: moment())
    }
}
