internal import Domain
internal import Storage

/// A list of tickets as SQL.
///
/// An index gives rows in order below one value of its first columns. So a question for several values, such as three statuses, becomes
/// a branch for each, and the engine merges them: each branch goes along an index, and all stop when the page is full. No filter at all
/// is five branches, one a status. `TicketLead` chooses the index; what else is asked for is looked at row by row.
struct TicketListing {
    let filter: TicketFilter
    let slice: SliceRequest
    let caller: Caller
    let engine: Engine
    /// Where the look at the list ends, when it does before the list.
    var horizon: Position?
    private let lead: TicketLead

    /// - Parameter filter: names the requester where the caller sees only their own.
    init(_ filter: TicketFilter, _ slice: SliceRequest, for caller: Caller, on engine: Engine) {
        self.filter = filter
        self.slice = slice
        self.caller = caller
        self.engine = engine
        lead = TicketLead(for: filter, caller)
    }

    /// What a row `t` must be for the caller to be given it, as a condition for rows that something else finds.
    static func conditions(_ filter: TicketFilter, for caller: Caller, on engine: Engine) -> SQL {
        TicketListing(filter, for: caller, on: engine).conditions(after: nil).joined(by: " AND ")
    }

    private init(_ filter: TicketFilter, for caller: Caller, on engine: Engine) {
        self.filter = filter
        slice = SliceRequest()
        self.caller = caller
        self.engine = engine
        lead = .none
    }

    /// The page's tickets and one more. Keys are found first and whole rows then, so that nothing wide is merged or sorted.
    var page: SQL {
        // CROSS: SQLite keeps that order of its loops.
        let rows: SQL = """
            SELECT \(.ticketColumns) FROM (\(merged) ORDER BY \(order)\(slice.room)) k
            CROSS JOIN tickets t \(.ticketPeople)
            WHERE t.number = k.number
            """
        return slice.bound(rows, size: "octet_length(q.description)", in: orderOfRows, on: engine)
    }

    /// The list's order in terms of a ticket's own columns.
    private var orderOfRows: SQL {
        let column: SQL =
            switch filter.order.key {
            case .createdAt: "q.created_at"
            case .updatedAt: caller.isStaff ? "q.updated_at" : "q.shown_updated_at"
            case .priority: "q.priority"
            case .number: "q.number"
            }
        return filter.order.isDescending ? "\(column) DESC, q.number DESC" : "\(column), q.number"
    }

    /// The ids of the page's tickets, and one more.
    var ids: SQL {
        "SELECT t.id FROM (\(merged) ORDER BY \(order)\(slice.room)) k CROSS JOIN tickets t WHERE t.number = k.number"
    }

    /// Counts the whole list, but no further than lists are counted.
    var counting: SQL { "SELECT count(*) FROM (\(branches(after: nil).joined(by: " UNION ALL ")) LIMIT 10000) k" }

    // MARK: - Where a ticket stands

    func position(of ticket: Ticket) -> Position {
        let key =
            switch filter.order.key {
            case .createdAt: ticket.createdAt.milliseconds
            case .updatedAt: ticket.tally(for: caller).updatedAt.milliseconds
            case .priority: ticket.priority.rank
            case .number: ticket.number
            }
        return Position(key: key, tie: UInt128(clamping: ticket.number))
    }

    func precedes(_ left: Ticket, _ right: Ticket) -> Bool {
        let (left, right) = (position(of: left), position(of: right))
        return filter.order.isDescending ? (right.key, right.tie) < (left.key, left.tie) : (left.key, left.tie) < (right.key, right.tie)
    }

    private var updatedAt: SQL { caller.isStaff ? "t.updated_at" : "t.shown_updated_at" }

    private var place: SQL {
        let column: SQL =
            switch filter.order.key {
            case .createdAt: lead.guide == .tags ? "g.created_at" : "t.created_at"
            case .updatedAt: lead.guide == .changes ? "g.updated_at" : updatedAt
            case .priority: "t.priority"
            case .number: "t.number"
            }
        return lead.isSorted ? "\(engine.unled)\(column)" : column
    }

    private var order: SQL {
        switch (filter.order.key, filter.order.isDescending) {
        case (.number, true): "number DESC"
        case (.number, false): "number"
        case (_, true): "place DESC, number DESC"
        case (_, false): "place, number"
        }
    }

    // MARK: - Branches

    /// The branches as one. SQLite merges them by itself and reads of each no more than it needs; PostgreSQL has to be told that no
    /// more than a page of each is needed, or it reads them whole and sorts.
    private var merged: SQL {
        let branches = branches(after: slice.after)
        if engine == .sqlite || branches.count == 1 { return branches.joined(by: " UNION ALL ") }
        let enough: SQL = slice.offset > 0 ? " LIMIT \(slice.offset + slice.limit + 1)" : slice.room
        return branches.map { "(\($0) ORDER BY \(order)\(enough))" }.joined(by: " UNION ALL ")
    }

    private var number: SQL { lead.guide != nil ? "g.ticket_number" : lead.isSorted ? "\(engine.unled)t.number" : "t.number" }

    private func branches(after position: Position?) -> [SQL] {
        let rest = conditions(after: position)
        let source: SQL =
            switch lead.guide {
            case .tags: "ticket_tags g CROSS JOIN tickets t"
            case .changes: "tickets_by_change g CROSS JOIN tickets t"
            case nil: "tickets t"
            }
        let isGuided: SQL = lead.guide == nil ? "" : "t.number = g.ticket_number"
        let branches = lead.branches.compactMap { branch -> SQL? in
            guard let follows = follows(position, number, in: branch), let precedes = precedes(horizon, number, in: branch) else {
                return nil
            }
            let all = ([branch.condition, isGuided] + rest + [follows, precedes]).joined(by: " AND ")
            return "SELECT \(number) AS number, \(place) AS place FROM \(source) WHERE \(all)"
        }
        return branches.isEmpty ? ["SELECT t.number AS number, \(place) AS place FROM tickets t WHERE FALSE"] : branches
    }

    /// What of a branch stands behind a position; nil when nothing does.
    private func follows(_ position: Position?, _ number: SQL, in branch: TicketLead.Branch) -> SQL? {
        guard let position else { return "" }
        let isDescending = filter.order.isDescending
        let tie = Int(clamping: position.tie)
        if let rank = branch.priority?.rank, filter.order.key == .priority, rank != position.key {
            return (rank < position.key) == isDescending ? "" : nil
        }
        if filter.order.key == .number || (filter.order.key == .priority && branch.priority != nil) {
            return isDescending ? "\(number) < \(tie)" : "\(number) > \(tie)"
        }
        return isDescending ? "(\(place), \(number)) < (\(position.key), \(tie))" : "(\(place), \(number)) > (\(position.key), \(tie))"
    }

    /// What of a branch stands before a horizon, or at it; nil when nothing does.
    private func precedes(_ horizon: Position?, _ number: SQL, in branch: TicketLead.Branch) -> SQL? {
        guard let horizon else { return "" }
        let isDescending = filter.order.isDescending
        let tie = Int(clamping: horizon.tie)
        if let rank = branch.priority?.rank, filter.order.key == .priority, rank != horizon.key {
            return (rank > horizon.key) == isDescending ? "" : nil
        }
        if filter.order.key == .number || (filter.order.key == .priority && branch.priority != nil) {
            return isDescending ? "\(number) >= \(tie)" : "\(number) <= \(tie)"
        }
        let at: SQL = "(\(horizon.key), \(tie))"
        return isDescending ? "(\(place), \(number)) >= \(at)" : "(\(place), \(number)) <= \(at)"
    }

    // MARK: - Horizons

    /// Whether rows are looked at of which the list may want few or none: what it asks for has no index in its order.
    var isSifted: Bool { !lead.isSorted && !filter.isInBin && !sieve.isEmpty }

    /// Where the `count`-th row behind the position stands in each branch that has so many. To find it reads entries of an index alone.
    func places(ofRow count: Int) -> SQL {
        let source: SQL =
            switch lead.guide {
            case .tags: "ticket_tags g"
            case .changes: "tickets_by_change g"
            case nil: "tickets t"
            }
        let isThere: SQL = lead.guide != nil ? "" : "t.deleted_at IS NULL"
        let isSince = bound(after: slice.after)
        let branches = lead.branches.compactMap { branch -> SQL? in
            guard let follows = follows(slice.after, number, in: branch) else { return nil }
            let all = [branch.condition, isThere, isSince, follows].joined(by: " AND ")
            let wanted: SQL = all.isEmpty ? "" : " WHERE \(all)"
            let last: SQL = "SELECT \(place) AS place, \(number) AS number FROM \(source)\(wanted)"
            return "SELECT place, number FROM (\(last) ORDER BY \(order) LIMIT 1 OFFSET \(count - 1)) k"
        }
        return branches.isEmpty ? "SELECT 0, 0 WHERE FALSE" : branches.joined(by: " UNION ALL ")
    }

    var branchCount: Int { max(1, lead.branches.count) }

    /// The first of these places in the list's order.
    func first(of places: [Position]) -> Position? {
        let isDescending = filter.order.isDescending
        return places.min { left, right in
            isDescending ? (right.key, right.tie) < (left.key, left.tie) : (left.key, left.tie) < (right.key, right.tie)
        }
    }

    // MARK: - What is looked at row by row

    /// All that the filter asks for and the caller may see, but for what the branches say.
    private func conditions(after position: Position?) -> [SQL] {
        [filter.isInBin ? "t.deleted_at IS NOT NULL" : "t.deleted_at IS NULL"] + sieve + [bound(after: position)]
    }

    /// What no index is gone along for.
    private var sieve: [SQL] {
        let or = engine.unled
        var all: [SQL] = []
        if filter.isImpossible { all.append("FALSE") }
        if let requesters = filter.allRequesters, !lead.says.contains(.requester) {
            all.append("\(or)t.requester_id IN \(list: requesters)")
        }
        if !filter.statuses.isEmpty, !lead.says.contains(.status) { all.append("\(or)t.status IN \(list: filter.statuses)") }
        if !filter.priorities.isEmpty, !lead.says.contains(.priority) { all.append("\(or)t.priority IN \(list: filter.priorities)") }
        if !filter.categories.isEmpty, !lead.says.contains(.category) { all.append("\(or)t.category IN \(list: filter.categories)") }
        if !filter.tags.isEmpty, lead.guide != .tags { all.append(isTagged) }
        if !filter.assignees.isEmpty, !lead.says.contains(.assignee) { all.append(isAssigned) }
        if !filter.types.isEmpty, !lead.says.contains(.type) { all.append("\(or)t.type IN \(list: filter.types)") }
        if !filter.supportRoles.isEmpty, !lead.says.contains(.supportRole) {
            all.append("\(or)t.support_role IN \(list: filter.supportRoles)")
        }
        if caller.isKeptToOwnWork, !lead.says.contains(.visible) {
            all.append("(\(or)t.assignee_id IS NULL OR \(or)t.assignee_id = \(caller.id) OR \(or)t.requester_id = \(caller.id))")
        }
        return all + moreConditions + moments
    }

    /// What only searches ask for. No index leads to it.
    private var moreConditions: [SQL] {
        let or = engine.unled
        var all: [SQL] = []
        if filter.isAssigned { all.append("\(or)t.assignee_id IS NOT NULL") }
        if let moment = filter.createdBefore { all.append("\(or)t.created_at < \(moment)") }
        if let moment = filter.updatedBefore { all.append("\(or)\(updatedAt) < \(moment)") }
        for tags in filter.moreTags { all.append("EXISTS \(tagged(tags))") }
        let except = filter.except
        if !except.tags.isEmpty { all.append("NOT EXISTS \(tagged(except.tags))") }
        if !except.categories.isEmpty { all.append("(t.category IS NULL OR \(or)t.category NOT IN \(list: except.categories))") }
        if !except.types.isEmpty { all.append("(t.type IS NULL OR t.type NOT IN \(list: except.types))") }
        if !except.assignees.isEmpty { all.append("(\(or)t.assignee_id IS NULL OR \(or)t.assignee_id NOT IN \(list: except.assignees))") }
        if !except.requesters.isEmpty { all.append("\(or)t.requester_id NOT IN \(list: except.requesters)") }
        return all
    }

    private func tagged(_ tags: [String]) -> SQL {
        "(SELECT 1 FROM ticket_tags h WHERE h.tag IN \(list: tags.map(tagKey)) AND h.created_at = t.created_at AND h.ticket_number = t.number)"
    }

    /// Bounds that are not in the list's own order.
    private var moments: [SQL] {
        var all: [SQL] = []
        if let moment = filter.createdAfter, filter.order.key != .createdAt { all.append("\(engine.unled)t.created_at > \(moment)") }
        if let moment = filter.updatedAfter, filter.order.key != .updatedAt { all.append("\(engine.unled)\(updatedAt) > \(moment)") }
        return all
    }

    /// A bound in the list's own order leads into the index, and has no use once a page begins behind it.
    private func bound(after position: Position?) -> SQL {
        let isPassed = position != nil && !filter.order.isDescending
        let moment =
            switch filter.order.key {
            case .createdAt: filter.createdAfter
            case .updatedAt: filter.updatedAfter
            case .priority, .number: nil as Moment?
            }
        guard let moment, !isPassed else { return "" }
        return "\(place) > \(moment)"
    }

    private var isAssigned: SQL {
        let (people, isOrNobodys) = filter.assignees(for: caller)
        let theirs: SQL = people.isEmpty ? "" : "\(engine.unled)t.assignee_id IN \(list: people)"
        return "(\([isOrNobodys ? "\(engine.unled)t.assignee_id IS NULL" : "", theirs].joined(by: " OR ")))"
    }

    /// Has one of the tags: a look at a key of their index for each.
    private var isTagged: SQL {
        """
        EXISTS (SELECT 1 FROM ticket_tags h
            WHERE h.tag IN \(list: filter.tags.map(tagKey)) AND h.created_at = t.created_at AND h.ticket_number = t.number)
        """
    }
}

extension Caller {
    /// Whether they see what is assigned to them or to nobody, and what they opened; the rule of `maySee`.
    var isKeptToOwnWork: Bool { role == .agent && seesAssignedOnly }
}

extension TicketFilter {
    /// Whose tickets are meant, and whether nobody's are too.
    func assignees(for caller: Caller) -> (people: [Person.ID], orNobodys: Bool) {
        let people = assignees.compactMap { assignee -> Person.ID? in
            switch assignee {
            case .person(let id): id
            case .me: caller.id
            case .none: nil
            }
        }
        return (people, assignees.contains(.none))
    }
}
