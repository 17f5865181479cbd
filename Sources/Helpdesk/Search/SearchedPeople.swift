internal import Domain
internal import Storage

extension Look {
    /// What a question asks of tickets, with the people found whom it names. Nil when it names somebody whom nobody is called.
    func filter(of query: SearchQuery, as caller: Caller) async throws -> TicketFilter? {
        var filter = query.filter
        if !query.requesters.isEmpty {
            let people = try await people(query.requesters, as: caller)
            if people.isEmpty { return nil }
            if people.count == 1 { filter.requester = people[0] } else { filter.requesters = people }
        }
        if !query.assignees.isEmpty {
            let people = try await people(query.assignees, as: caller)
            if people.isEmpty, filter.assignees.isEmpty { return nil }
            filter.assignees += people.map { .person($0) }
        }
        filter.except.requesters = try await people(query.exceptRequesters, as: caller)
        filter.except.assignees = try await people(query.exceptAssignees, as: caller)
        return filter
    }

    private func people(_ named: [SearchedPerson], as caller: Caller) async throws -> [Person.ID] {
        var people: [Person.ID] = []
        for person in named {
            switch person {
            case .me: people.append(caller.id)
            case .id(let id): people.append(id)
            case .named(let name): people += try await db.people(named: name, byAddress: caller.isStaff)
            }
        }
        return people
    }
}

extension Connection {
    private static var mostPeople: Int { 20 }

    /// Whoever has that name, or a name that begins with it as a word; for staff also that address or username. A customer learns of no
    /// address in this way.
    fileprivate func people(named name: String, byAddress: Bool) async throws -> [Person.ID] {
        let wanted = key(name)
        if byAddress {
            let people = try await all(
                """
                SELECT id FROM people WHERE email_key = \(wanted) AND deleted_at IS NULL
                UNION SELECT id FROM people WHERE username_key = \(wanted) AND deleted_at IS NULL LIMIT \(Self.mostPeople)
                """
            ) { $0.id(of: Person.self) }
            if !people.isEmpty { return people }
        }
        return try await all(
            """
            SELECT id FROM people
            WHERE (name_key = \(wanted) OR (name_key >= \(wanted + " ") AND name_key < \(wanted + " \u{10FFFF}"))) AND deleted_at IS NULL
            ORDER BY name_key, id LIMIT \(Self.mostPeople)
            """
        ) { $0.id() }
    }
}

extension TicketFilter {
    /// What both ask for; nil when nothing can be both.
    func narrowed(by list: TicketFilter) -> TicketFilter? {
        var both = self
        both.order = list.order
        both.isInBin = list.isInBin
        guard let statuses = Self.both(statuses, list.statuses), let priorities = Self.both(priorities, list.priorities),
            let categories = Self.both(categories, list.categories), let types = Self.both(types, list.types),
            let assignees = Self.both(assignees, list.assignees), let supportRoles = Self.both(supportRoles, list.supportRoles)
        else { return nil }
        (both.statuses, both.priorities, both.categories) = (statuses, priorities, categories)
        (both.types, both.assignees, both.supportRoles) = (types, assignees, supportRoles)
        if tags.isEmpty { both.tags = list.tags } else if !list.tags.isEmpty { both.moreTags.append(list.tags) }
        if let wanted = list.allRequesters {
            let requesters = allRequesters.map { $0.filter { wanted.contains($0) } } ?? wanted
            guard !requesters.isEmpty else { return nil }
            both.askedRequesters = requesters
        }
        both.createdAfter = [createdAfter, list.createdAfter].compactMap { $0 }.max()
        both.updatedAfter = [updatedAfter, list.updatedAfter].compactMap { $0 }.max()
        return isImpossible ? nil : both
    }

    private static func both<Item: Equatable>(_ left: [Item], _ right: [Item]) -> [Item]? {
        if left.isEmpty { return right }
        if right.isEmpty { return left }
        let both = left.filter { right.contains($0) }
        return both.isEmpty ? nil : both
    }
}
