internal import Domain
internal import Storage

/// Which index a list of tickets goes along: the narrowest thing that is asked for and has an index in the list's order.
///
/// | index | in order of | leads |
/// |---|---|---|
/// | `tickets_requester` | created_at | one person's tickets, in any order: they are few enough to be sorted |
/// | `tickets_assignee` (with status) | created_at | somebody's or nobody's; in other orders only what is not done yet |
/// | `ticket_tags`, `tickets_category`, `tickets_type` | created_at | tags, categories, types |
/// | `tickets_support_role` | created_at | tiers but the usual one |
/// | `tickets_status`, `tickets_priority` | created_at, priority | all else, a branch a status |
/// | `tickets_by_change` | updated_at, as staff see it | the same |
struct TicketLead {
    /// A part of the list that an index gives.
    struct Branch {
        /// The values of the index' first columns; empty for the whole of it.
        var condition: SQL
        /// Its rows have this priority, when it is an index' first column.
        var priority: Priority?
    }

    /// What a condition is about.
    struct Subject: OptionSet {
        let rawValue: Int
        static let status = Subject(rawValue: 1)
        static let priority = Subject(rawValue: 2)
        static let requester = Subject(rawValue: 4)
        static let assignee = Subject(rawValue: 8)
        static let category = Subject(rawValue: 16)
        /// What an agent sees who is kept to their own work.
        static let visible = Subject(rawValue: 32)
        static let type = Subject(rawValue: 64)
        static let supportRole = Subject(rawValue: 128)
    }

    let branches: [Branch]
    /// What the branches say already.
    let says: Subject
    /// A narrow table, `g`, that has tickets in another order than their own table's indexes.
    enum Guide {
        case tags
        case changes
    }

    /// Where the rows come from, when not from the tickets themselves.
    var guide: Guide?
    /// Whether the index is in another order than the list.
    var isSorted = false

    /// Along none: every condition is looked at row by row, where something else finds the rows.
    static let none = TicketLead([] as [SQL])

    private init(_ conditions: [SQL], says: Subject = []) { self.init(conditions.map { Branch(condition: $0) }, says: says) }

    private init(_ branches: [Branch], says: Subject) {
        self.branches = branches
        self.says = says
    }

    init(for filter: TicketFilter, _ caller: Caller) {
        let statuses = filter.statuses.isEmpty ? Status.allCases : filter.statuses.uniqued
        if filter.isInBin {
            self.init(["" as SQL])
        } else if let requesters = filter.allRequesters {
            self.init(requesters.uniqued.map { "t.requester_id = \($0)" }, says: .requester)
            isSorted = filter.order.key != .createdAt
        } else if !filter.assignees.isEmpty, filter.order.key == .createdAt || filter.asksForQueue {
            let (people, orNobodys) = filter.assignees(for: caller)
            self.init(Self.assigned(people.uniqued.map { $0 } + (orNobodys ? [nil] : []), statuses), says: [.assignee, .status])
            isSorted = filter.order.key != .createdAt
        } else if filter.order.key == .createdAt {
            self.init(byCreation: filter, statuses, caller)
        } else {
            self.init(byOther: filter, statuses)
        }
    }

    private init(byCreation filter: TicketFilter, _ statuses: [Status], _ caller: Caller) {
        if !filter.tags.isEmpty {
            self.init(Self.tagged(filter.tags.map(tagKey).uniqued))
            guide = .tags
        } else if !filter.categories.isEmpty {
            self.init(filter.categories.uniqued.map { "t.category = \($0)" }, says: .category)
        } else if !filter.types.isEmpty {
            self.init(filter.types.uniqued.map { "t.type = \($0)" }, says: .type)
        } else if !filter.supportRoles.isEmpty, !filter.supportRoles.contains(.general) {
            // The index leaves out the tier that nearly all tickets are with.
            self.init(filter.supportRoles.uniqued.map { "t.support_role = \($0) AND t.support_role <> 'general'" }, says: .supportRole)
        } else if caller.isKeptToOwnWork {
            // Those are all that somebody else works on of what they opened themselves.
            let opened: SQL = """
                t.requester_id = \(caller.id) AND t.assignee_id IS NOT NULL AND t.assignee_id <> \(caller.id)
                AND t.status IN \(list: statuses)
                """
            self.init(Self.assigned([caller.id, nil], statuses) + [opened], says: [.visible, .status])
        } else {
            self.init(statuses.map { "t.status = \($0)" }, says: .status)
        }
    }

    private init(byOther filter: TicketFilter, _ statuses: [Status]) {
        let key = filter.order.key
        if key == .number, filter.statuses.isEmpty, filter.priorities.isEmpty {
            self.init(["" as SQL])
        } else if key == .number || (key == .priority && !filter.priorities.isEmpty) {
            let priorities = filter.priorities.isEmpty ? Priority.allCases : filter.priorities.uniqued
            let branches = statuses.flatMap { status in
                priorities.map { Branch(condition: "t.status = \(status) AND t.priority = \($0)", priority: $0) }
            }
            self.init(branches, says: [.status, .priority])
        } else if key == .updatedAt {
            self.init(statuses.map { "g.status = \($0)" }, says: .status)
            guide = .changes
        } else {
            self.init(statuses.map { "t.status = \($0)" }, says: .status)
        }
    }

    private static func assigned(_ assignees: [Person.ID?], _ statuses: [Status]) -> [SQL] {
        assignees.flatMap { assignee in
            statuses.map { status in
                assignee.map { "t.assignee_id = \($0) AND t.status = \(status)" } ?? "t.assignee_id IS NULL AND t.status = \(status)"
            }
        }
    }

    /// A ticket with two of the tags is given once, by the first of them.
    private static func tagged(_ tags: [String]) -> [SQL] {
        tags.enumerated().map { index, tag in
            let mine: SQL = "g.tag = \(tag)"
            if index == 0 { return mine }
            return """
                \(mine) AND NOT EXISTS (SELECT 1 FROM ticket_tags h
                    WHERE h.tag IN \(list: Array(tags[..<index])) AND h.created_at = g.created_at AND h.ticket_number = g.ticket_number)
                """
        }
    }
}

extension TicketFilter {
    /// Whether only tickets are asked for that somebody still has work with: so few that they can be sorted.
    fileprivate var asksForQueue: Bool { !statuses.isEmpty && statuses.allSatisfy(\.isActive) }
}

extension Array where Element: Hashable {
    /// Each once, in the order in which they come first.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
