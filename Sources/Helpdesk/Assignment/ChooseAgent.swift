internal import Domain
internal import Storage

extension Work {
    /// Finds who gets a new ticket by itself, and notes that it was their turn; nil when nobody is there to take it.
    ///
    /// Exact when many tickets come at once, on several nodes too: whoever chooses in turn or by load holds the row of turns until the
    /// ticket is written, so the next one sees its effect.
    func agent(by assignment: Rules.Assignment) async throws -> Party? {
        switch assignment {
        case .off: return nil
        case .random: return try await anyAgent()
        case .roundRobin, .leastLoaded: break
        }
        let last = try await db.first("SELECT last_id FROM assignment_turns WHERE name = 'round_robin'\(db.engine.lock)") { row in
            row.optionalID(of: Person.self)
        }
        let load: SQL = assignment == .leastLoaded ? "p.open_tickets, " : ""
        // After the last one, and round again. A statement of its own: it must see what was there once the lock was held.
        let agent = try await db.first(
            """
            SELECT \(.agentColumns) FROM people p WHERE \(.isAgentAvailable)
            ORDER BY \(load)CASE WHEN p.id > \((last ?? nil) ?? Person.ID(0)) THEN 0 ELSE 1 END, p.id LIMIT 1
            """
        ) { $0.agent() }
        if let agent {
            try await db.runSoon("UPDATE assignment_turns SET last_id = \(agent.id) WHERE name = 'round_robin'")
        }
        return agent
    }

    private func anyAgent() async throws -> Party? {
        let agents = try await db.all("SELECT \(.agentColumns) FROM people p WHERE \(.isAgentAvailable) ORDER BY p.id") { $0.agent() }
        guard !agents.isEmpty else { return nil }
        let chance = outside.random(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return agents[Int(chance % UInt64(agents.count))]
    }
}

extension SQL {
    fileprivate static var agentColumns: SQL { "p.id, p.name, p.role" }

    /// Active staff who take tickets as they come: agents unless they say no, admins when they say yes.
    fileprivate static var isAgentAvailable: SQL {
        "p.role IN ('agent', 'admin') AND p.is_active = TRUE AND p.is_available = TRUE AND p.deleted_at IS NULL"
    }
}

extension Row {
    fileprivate mutating func agent() -> Party { Party(id: id(), name: text(), email: nil, role: word()) }
}
