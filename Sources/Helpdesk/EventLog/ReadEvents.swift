internal import Codec
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
    /// A slice may hold fewer events than were asked for, or none, and still have a next: slices of staff, and of customers with many
    /// tickets, look at a few thousand rows of the log, whatever is found there, so that what a slice costs depends on nothing.
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
        let asked = min(max(question.after, slice.after?.key ?? 0), Int.mostExact)
        var end = settled ?? 0
        if settled == nil { end = try await db.endOfRun(after: asked) }
        // On SQLite this may be the sight of a moment ago, when less was settled than another loop knows of now.
        if db.engine == .sqlite { end = min(end, try await db.lastSeq()) }
        // Whoever asks for what lies behind the end gets nothing, and no number of theirs is reckoned with.
        let start = min(asked, end)
        let goesAlongLog =
            if ticket == nil, !caller.isStaff { try await db.hasManyEvents(caller.id, after: start) } else { false }
        let listing = EventListing(
            question, ticket: ticket, slice, after: start, upTo: end, for: caller, alongLog: goesAlongLog)
        let unnamed = try await db.rows(listing.page(on: db.engine), slice, size: \.size) { $0.event() }
        let rows = try await db.named(unnamed.sorted { $0.seq < $1.seq })
        var total: Int?
        if slice.isCounted { total = try await db.first(listing.counting) { $0.int() } }
        let found = Slice(rows, slice, total: total, at: { Position(key: $0.seq, tie: 0) }, size: \.size)
        // The question leaves out what the caller may not see; that it does is checked once more.
        var shown = Slice(
            items: found.items.compactMap(\.event).filter { caller.maySee($0) }.map { desk.attachmentLinks.shown($0, at: now) },
            next: found.next ?? listing.goesOn, total: total)
        shown.owner = ticket?.bits
        return shown
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

extension Connection {
    /// Whether somebody has so many tickets, or so much has happened to them behind `start`, that it costs less to go along the log.
    fileprivate func hasManyEvents(_ person: Person.ID, after start: Int) async throws -> Bool {
        try await first(EventListing.amount(of: person, after: start)) { row in
            row.int() > EventListing.mostTickets || row.int() > EventListing.mostSorted || row.int() > EventListing.mostOfOneTicket
        } ?? false
    }
}

/// A list of events as SQL: along the numbers for staff, along the ticket for one ticket, along their own tickets and what happened to
/// published articles for customers. Those of a customer who has very many are few beside all others no longer, and go along the numbers too.
struct EventListing {
    /// How many rows slices look at that go along the numbers.
    static let window = 5_000
    /// With more tickets than these, or more events of them, a customer's slices go along the numbers.
    static let mostTickets = 200
    static let mostSorted = 2_000
    static let mostOfOneTicket = 1_000

    let question: EventQuestion
    let ticket: Ticket.ID?
    let slice: SliceRequest
    let start: Int
    let end: Int
    let caller: Caller
    /// Whether a customer's list goes along the numbers.
    let goesAlongLog: Bool

    init(
        _ question: EventQuestion, ticket: Ticket.ID?, _ slice: SliceRequest, after start: Int, upTo end: Int, for caller: Caller,
        alongLog: Bool = false
    ) {
        goesAlongLog = alongLog
        self.question = question
        self.ticket = ticket
        self.slice = slice
        self.start = start
        self.end = end
        self.caller = caller
    }

    /// The slice's events and one more.
    func page(on engine: Engine) -> SQL {
        slice.bound(rows, size: .eventSize, in: "q.seq", longest: SliceRequest.longestEvent, on: engine)
    }

    private var rows: SQL {
        if isMerged {
            // Keys first, so that nothing wide is sorted.
            return """
                SELECT \(.eventColumns) FROM (\(theirs(after: start, upTo: end)) ORDER BY seq\(slice.room)) k
                CROSS JOIN events e \(.eventTicket) WHERE e.seq = k.seq
                """
        }
        let wanted = goesAlongLog ? theirsAlongLog : conditions(after: start, upTo: windowEnd)
        return "SELECT \(.eventColumns) FROM \(source) WHERE \(wanted) ORDER BY e.seq\(slice.room)"
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
        ticket == nil && (caller.isStaff || goesAlongLog) ? min(end, start + Self.window + slice.offset) : end
    }

    /// Whether what a customer sees is gathered along their tickets and along articles.
    private var isMerged: Bool { ticket == nil && !caller.isStaff && !goesAlongLog }

    /// How many tickets somebody has, how many events of theirs lie behind `start`, and how many of one ticket; counted no further than it
    /// matters.
    static func amount(of person: Person.ID, after start: Int) -> SQL {
        // Ordered, and ticket by ticket, so that PostgreSQL too goes along the indexes, whatever it knows of the tables.
        """
        SELECT count(*), COALESCE(CAST(sum(k.events) AS bigint), 0), COALESCE(max(k.events), 0) FROM (
            SELECT (SELECT count(*) FROM (
                SELECT 1 AS one FROM events e WHERE e.ticket_id = t.id AND e.seq > \(start) ORDER BY e.seq LIMIT 1001) b) AS events
            FROM (
                SELECT o.id FROM tickets o WHERE o.requester_id = \(person) AND o.deleted_at IS NULL
                ORDER BY o.created_at DESC, o.number DESC LIMIT 201) t) k
        """
    }

    /// What of a part of the log is a customer's to see.
    private var theirsAlongLog: SQL {
        let ofTickets: SQL = "(\(([isTheirs] + narrowing).joined(by: " AND ")))"
        let isOnlyTickets = !question.tickets.isEmpty || question.isOwn
        let seen: SQL = isOnlyTickets ? ofTickets : "(\(ofTickets) OR (\(ofArticles.joined(by: " AND "))))"
        return "e.seq > \(start) AND e.seq <= \(windowEnd) AND \(seen)"
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
                WHERE e.seq > \(start) AND e.seq <= \(end) AND \(ofArticles.joined(by: " AND ")) ORDER BY e.seq\(enough)) kb
            """
    }

    /// The same as `Caller.maySee`.
    private var ofArticles: [SQL] {
        var all: [SQL] = [
            "e.ticket_id IS NULL AND e.is_private = FALSE",
            "(e.type = 'article.deleted' OR e.type LIKE 'article.%' AND (SELECT w.is_published FROM articles w WHERE w.id = e.object_id) = TRUE)",
        ]
        if !question.types.isEmpty { all.append("e.type IN \(list: question.types.map(\.rawValue))") }
        return all
    }

    private var source: SQL {
        isMerged ? "tickets t CROSS JOIN events e \(.eventComment)" : "events e \(.eventTicket)"
    }

    private func conditions(after start: Int, upTo end: Int) -> SQL {
        var all: [SQL] = []
        if let ticket {
            all.append("e.ticket_id = \(ticket)")
        } else if !caller.isStaff {
            all += [isTheirs, "e.ticket_id = t.id"]
        }
        all.append("e.seq > \(start) AND e.seq <= \(end)")
        return (all + narrowing).joined(by: " AND ")
    }

    private var isTheirs: SQL { "t.requester_id = \(caller.id) AND t.deleted_at IS NULL" }

    /// What is looked at row by row.
    private var narrowing: [SQL] {
        var all: [SQL] = []
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
        return all
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
