public import Domain
internal import Storage

/// Which events somebody asks for, oldest first.
public struct EventQuestion: Sendable {
    /// Those of one ticket, by any of its names; nil for all.
    public var ticket: TicketName?
    /// Those of any of these tickets; empty for all.
    public var tickets: [Ticket.ID] = []
    /// Also what the caller alone is told, of whatever ticket. With no `tickets`: nothing else.
    public var isOwn = false
    /// Any of these; empty for all.
    public var types: [EventType] = []
    /// Behind this number.
    public var after = 0

    public init() {}
}

extension Desk {
    /// A slice of the events that the caller may see. It ends where a number is missing that may still come: who goes on from the last
    /// number later has lost nothing. Throws `.notFound` when the ticket is not theirs to see.
    ///
    /// A slice may hold fewer events than were asked for, or none, and still have a next: staff's slices look at a few thousand rows of
    /// the log, whatever is found there, so that what a slice costs depends on nothing.
    ///
    /// - Parameter isFresh: shares no snapshot with other reads of the moment, which may be older than what the caller knows of.
    public func events(
        _ question: EventQuestion, _ slice: SliceRequest, as caller: Caller, isFresh: Bool = false
    ) async throws -> Slice<Event> {
        let settled = try await tail.advance(self)
        let body: @Sendable (Look) async throws -> Slice<Event> = { look in
            try await look.events(question, slice, settled: settled, as: caller)
        }
        let asker = Asker(caller)
        return slice.isCounted || isFresh ? try await survey(for: asker, body) : try await read(for: asker, body)
    }
}

extension Look {
    fileprivate func events(
        _ question: EventQuestion, _ slice: SliceRequest, settled: Int?, as caller: Caller
    ) async throws -> Slice<Event> {
        var ticket: Ticket.ID?
        if let name = question.ticket { ticket = try await self.ticket(name, as: caller).id }
        let start = max(question.after, slice.after?.key ?? 0)
        var end = settled ?? 0
        if settled == nil { end = try await db.endOfRun(after: start) }
        // On SQLite this may be the sight of a moment ago, when less was settled than another loop knows of now.
        if db.engine == .sqlite { end = min(end, try await db.lastSeq()) }
        let listing = EventListing(question, ticket: ticket, slice, after: start, upTo: end, for: caller)
        let rows = try await db.all(listing.page) { $0.event() }.sorted { $0.seq < $1.seq }
        var total: Int?
        if slice.isCounted { total = try await db.first(listing.counting) { $0.int() } }
        let found = Slice(rows, limit: slice.limit, total: total) { Position(key: $0.seq, tie: 0) }
        // The question leaves out what the caller may not see; that it does is checked once more.
        return Slice(
            items: found.items.compactMap(\.event).filter { caller.maySee($0) }.map { desk.attachmentLinks.shown($0, at: now) },
            next: found.next ?? listing.goesOn, total: total)
    }
}

extension Connection {
    /// Up to where no number is missing behind `start`: all that can be told when nothing is known of the log.
    fileprivate func endOfRun(after start: Int) async throws -> Int {
        var gaps = LogGaps(after: start)
        let sight = try await sight(after: start)
        _ = gaps.take(sight, at: Moment(0))
        return gaps.position
    }
}

/// A list of events as SQL: along the numbers for staff, along the ticket for one ticket, along their own tickets and what happened to
/// published articles for customers.
struct EventListing {
    /// How many rows staff's slices look at.
    static let window = 5_000

    let question: EventQuestion
    let ticket: Ticket.ID?
    let slice: SliceRequest
    let start: Int
    let end: Int
    let caller: Caller

    init(_ question: EventQuestion, ticket: Ticket.ID?, _ slice: SliceRequest, after start: Int, upTo end: Int, for caller: Caller) {
        self.question = question
        self.ticket = ticket
        self.slice = slice
        self.start = start
        self.end = end
        self.caller = caller
    }

    /// The slice's events and one more.
    var page: SQL {
        if ticket == nil, !caller.isStaff {
            // Keys first, so that nothing wide is sorted.
            return """
                SELECT \(.eventColumns) FROM (\(theirs(after: start, upTo: end)) ORDER BY seq\(slice.room)) k
                CROSS JOIN events e \(.eventTicket) WHERE e.seq = k.seq
                """
        }
        return "SELECT \(.eventColumns) FROM \(source) WHERE \(conditions(after: start, upTo: windowEnd)) ORDER BY e.seq\(slice.room)"
    }

    var counting: SQL {
        if ticket == nil, !caller.isStaff {
            return "SELECT count(*) FROM (\(theirs(after: question.after, upTo: end)) LIMIT 10000) k"
        }
        return "SELECT count(*) FROM (SELECT 1 AS one FROM \(source) WHERE \(conditions(after: question.after, upTo: end)) LIMIT 10000) k"
    }

    /// Where to go on when the slice's rows do not tell: behind all that was looked at.
    var goesOn: Position? { windowEnd < end ? Position(key: windowEnd, tie: 0) : nil }

    private var windowEnd: Int {
        ticket == nil && caller.isStaff ? min(end, start + Self.window + slice.offset) : end
    }

    /// The numbers of what customers see: of what happened to their tickets, and, where they do not ask for tickets, to articles.
    private func theirs(after start: Int, upTo end: Int) -> SQL {
        let tickets: SQL = "SELECT e.seq AS seq FROM \(source) WHERE \(conditions(after: start, upTo: end))"
        guard question.tickets.isEmpty, !question.isOwn else { return tickets }
        // No more than a page of them is read; the rest of the log may be full of them.
        let enough: SQL = slice.isCounted ? " LIMIT 10001" : slice.offset > 0 ? " LIMIT \(slice.offset + slice.limit + 1)" : slice.room
        return """
            \(tickets) UNION ALL SELECT seq FROM (
                SELECT e.seq AS seq FROM events e
                WHERE \(ofArticles(after: start, upTo: end)) ORDER BY e.seq\(enough)) kb
            """
    }

    /// The same as `Caller.maySee`.
    private func ofArticles(after start: Int, upTo end: Int) -> SQL {
        var all: [SQL] = [
            "e.ticket_id IS NULL AND e.is_private = FALSE AND e.seq > \(start) AND e.seq <= \(end)",
            "(e.type = 'article.deleted' OR e.type LIKE 'article.%' AND (SELECT w.is_published FROM articles w WHERE w.id = e.object_id) = TRUE)",
        ]
        if !question.types.isEmpty { all.append("e.type IN \(list: question.types.map(\.rawValue))") }
        return all.joined(by: " AND ")
    }

    private var source: SQL {
        ticket == nil && !caller.isStaff ? "tickets t CROSS JOIN events e \(.eventComment)" : "events e \(.eventTicket)"
    }

    private func conditions(after start: Int, upTo end: Int) -> SQL {
        var all: [SQL] = []
        if let ticket {
            all.append("e.ticket_id = \(ticket)")
        } else if !caller.isStaff {
            all.append("t.requester_id = \(caller.id) AND t.deleted_at IS NULL AND e.ticket_id = t.id")
        }
        all.append("e.seq > \(start) AND e.seq <= \(end)")
        if question.isOwn {
            all.append(
                question.tickets.isEmpty ? isOwn : "(\(isOwn) OR (e.recipient_id IS NULL AND e.ticket_id IN \(list: question.tickets)))")
        } else {
            if !question.tickets.isEmpty { all.append("e.ticket_id IN \(list: question.tickets)") }
            // What happened to a ticket is one thing, who was told of it another.
            all.append(ticket == nil ? "(e.recipient_id IS NULL OR \(isOwn))" : "e.recipient_id IS NULL")
        }
        if !question.types.isEmpty { all.append("e.type IN \(list: question.types.map(\.rawValue))") }
        if !caller.isStaff { all.append("e.is_private = FALSE AND (c.deleted_at IS NULL OR e.type = 'comment.deleted')") }
        if ticket == nil, caller.isStaff, !caller.isAdmin { all.append(visibleToAgents) }
        return all.joined(by: " AND ")
    }

    private var isOwn: SQL { "e.recipient_id = \(caller.id)" }

    /// The same as `Caller.maySee`.
    private var visibleToAgents: SQL {
        let scope: SQL =
            caller.isKeptToOwnWork
            ? " AND (t.assignee_id IS NULL OR t.assignee_id = \(caller.id) OR t.requester_id = \(caller.id))" : ""
        return "(e.ticket_id IS NULL OR (t.id IS NOT NULL AND t.deleted_at IS NULL\(scope)))"
    }
}
