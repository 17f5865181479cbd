internal import Domain
internal import Storage

/// A list of people as SQL: newest first, or, when something is looked for, by what was found.
///
/// Each branch goes along one index and stops when the page is full, and the engine merges them: a branch a role, or a branch for name,
/// address and username each.
struct UserListing {
    let filter: UserFilter
    let slice: SliceRequest
    /// Where the page goes on in a list by what was found.
    let foundAfter: String?
    let engine: Engine

    /// The page's people and one more.
    var page: SQL {
        let order: SQL = filter.beginning == nil ? "k.place DESC, k.id DESC" : "k.place, k.id"
        // CROSS: SQLite keeps that order of its loops.
        return "SELECT \(.personColumns) FROM (\(keys)) k CROSS JOIN people p WHERE p.id = k.id ORDER BY \(order)"
    }

    /// The page's ids, each with its place in the list.
    var keys: SQL {
        let order: SQL = filter.beginning == nil ? "place DESC, id DESC" : "place, id"
        var branches = branches(isWhole: false)
        // SQLite merges them by itself and reads of each no more than it needs; PostgreSQL has to be told.
        if engine == .postgres, branches.count > 1 {
            let enough: SQL = slice.offset > 0 ? " LIMIT \(slice.offset + slice.limit + 1)" : slice.room
            branches = branches.map { "(\($0) ORDER BY \(order)\(enough))" }
        }
        return "\(branches.joined(by: " UNION ALL ")) ORDER BY \(order)\(slice.room)"
    }

    /// Counts the whole list, up to what lists are counted to.
    var counting: SQL { "SELECT count(*) FROM (\(branches(isWhole: true).joined(by: " UNION ALL ")) LIMIT 10000) k" }

    private func branches(isWhole: Bool) -> [SQL] {
        guard let beginning = filter.beginning.map(key) else {
            let roles: [SQL] = filter.roles.isEmpty ? [""] : filter.roles.map { "p.role = \($0)" }
            return roles.map { created($0, isWhole: isWhole) }
        }
        return Found.allCases.map { found($0, beginning, isWhole: isWhole) }
    }

    // MARK: - Newest first

    private func created(_ role: SQL, isWhole: Bool) -> SQL {
        var follows: SQL = ""
        if let position = slice.after, !isWhole { follows = "(p.created_at, p.id) < (\(position.key), \(position.tie))" }
        return "SELECT p.id AS id, p.created_at AS place FROM people p WHERE \(([role] + rest + [follows]).joined(by: " AND "))"
    }

    /// Literals, since an index of some rows only serves who asks for just those.
    private var rest: [SQL] {
        switch filter.isActive {
        case nil: ["p.deleted_at IS NULL"]
        case true?: ["p.deleted_at IS NULL", "p.is_active = TRUE"]
        case false?: ["p.deleted_at IS NULL", "p.is_active = FALSE"]
        }
    }

    // MARK: - By what was found

    private func found(_ at: Found, _ beginning: String, isWhole: Bool) -> SQL {
        var all = rest + [at.begins(with: beginning)]
        // Whoever is found in two places stands in the list once, at the first.
        for other in Found.allCases where other != at { all.append(other.isNotBefore(at, beginning)) }
        if !filter.roles.isEmpty { all.append("p.role IN \(list: filter.roles)") }
        if let foundAfter, let position = slice.after, !isWhole {
            all.append("(\(at.column), p.id) > (\(foundAfter), \(position.tie))")
        }
        return "SELECT p.id AS id, \(at.column) AS place FROM people p WHERE \(all.joined(by: " AND "))"
    }

    /// Where somebody may be found.
    private enum Found: Int, CaseIterable {
        case name, email, username

        var column: SQL {
            switch self {
            case .name: "p.name_key"
            case .email: "p.email_key"
            case .username: "p.username_key"
            }
        }

        /// A range, which an index can answer: up to the last text that begins so.
        func begins(with beginning: String) -> SQL { "\(column) >= \(beginning) AND \(column) < \(beginning + "\u{10FFFF}")" }

        func isNotBefore(_ other: Found, _ beginning: String) -> SQL {
            let isBefore: SQL = rawValue < other.rawValue ? "\(column) <= \(other.column)" : "\(column) < \(other.column)"
            return "NOT COALESCE(\(begins(with: beginning)) AND \(isBefore), FALSE)"
        }
    }
}

extension Person {
    /// What of them stands first among what begins so.
    func found(by beginning: String) -> String? {
        let beginning = key(beginning)
        let all = [name, email, username].compactMap { $0.map(key) }.filter { $0.utf8.starts(with: beginning.utf8) }
        return all.min { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
