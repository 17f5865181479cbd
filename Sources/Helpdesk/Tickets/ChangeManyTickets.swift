internal import Codec
public import Domain
internal import Storage

/// What becomes of many tickets at once.
public enum BulkAct: Sendable {
    case edit(TicketEdit)
    case discard, restore
}

/// A ticket that is meant, as it was named, and its id if there is such a ticket, whether the caller may see it or not.
public struct BulkTarget: Sendable {
    public let name: TicketName
    public let id: Ticket.ID?

    public init(_ name: TicketName, id: Ticket.ID?) {
        self.name = name
        self.id = id
    }
}

/// What became of one of them.
public struct BulkItem: Sendable {
    public enum Outcome: Sendable {
        case changed, unchanged
        case refused(DeskError)

        public var isRefused: Bool { if case .refused = self { true } else { false } }
    }

    public let name: TicketName
    /// The ticket as it was before; nil when the caller may not see it.
    public let ticket: Ticket?
    public let outcome: Outcome
}

/// Nothing was changed, because something was refused and all or nothing was asked for.
public struct BulkUndone: Error {
    public let items: [BulkItem]
}

public enum Bulk {
    /// How many tickets a request may mean.
    public static let most = 1000
    /// How many go in one transaction where each goes for itself, so that nobody waits for a thousand.
    public static let batch = 50
}

// MARK: - Which tickets

extension Look {
    /// The tickets of these names, each once.
    public func bulkTargets(_ names: [TicketName]) async throws -> [BulkTarget] {
        let ids = names.compactMap { if case .id(let id) = $0 { id } else { nil } }
        let numbers = names.compactMap { if case .number(let number) = $0 { number } else { nil } }
        var found: [TicketName: Ticket.ID] = [:]
        for id in try await db.all("SELECT id FROM tickets WHERE id IN \(list: ids)", { $0.id(of: Ticket.self) }) { found[.id(id)] = id }
        let numbered = try await db.all("SELECT number, id FROM tickets WHERE number IN \(list: numbers)") { row in
            (TicketName.number(row.int()), row.id(of: Ticket.self))
        }
        for (name, id) in numbered { found[name] = id }
        var (seenNames, seenIDs) = (Set<TicketName>(), Set<Ticket.ID>())
        return names.compactMap { name in
            guard seenNames.insert(name).inserted else { return nil }
            guard let id = found[name] else { return BulkTarget(name, id: nil) }
            return seenIDs.insert(id).inserted ? BulkTarget(name, id: id) : nil
        }
    }

    /// The tickets that the filter asks for and the caller may see. Throws `.invalid`, with how many there are, when they are too many.
    public func bulkTargets(_ filter: TicketFilter, as caller: Caller) async throws -> [BulkTarget] {
        if filter.isInBin, !caller.mayDiscard { throw DeskError.forbidden("Only admins see the bin") }
        var slice = SliceRequest()
        slice.limit = Bulk.most
        let listing = TicketListing(filter, slice, for: caller, on: db.engine)
        let ids = try await db.all(listing.ids) { $0.id(of: Ticket.self) }
        if ids.count > Bulk.most {
            throw DeskError.tooMany(try await db.first(listing.counting) { $0.int() } ?? ids.count)
        }
        return ids.map { BulkTarget(.id($0), id: $0) }
    }

    /// The tickets that a search finds. Within `search` only.
    public func bulkTargets(
        _ query: SearchQuery, narrowedBy list: TicketFilter, as caller: Caller
    ) async throws -> [BulkTarget] {
        guard query.hasWords else {
            guard let filter = try await filter(of: query, as: caller)?.narrowed(by: list) else { return [] }
            return try await bulkTargets(filter, as: caller)
        }
        guard var search = try await search(query, narrowedBy: list, as: caller) else { return [] }
        var slice = SliceRequest()
        slice.limit = Bulk.most
        var numbers: [Int] = []
        repeat {
            let page = try await search.page(slice)
            numbers += page.finds.map(\.number)
            slice.after = page.next?.position
            if numbers.count > Bulk.most { throw DeskError.tooMany(try await search.count()) }
        } while slice.after != nil
        return try await bulkTargets(numbers.map { .number($0) })
    }

    /// Throws what would keep every ticket from being changed: `.forbidden` for what is not the caller's to do to any, `.invalid` for an
    /// assignee who cannot be one.
    public func check(_ act: BulkAct, as caller: Caller) async throws {
        switch act {
        case .edit(let edit): _ = try await db.newAssignee(edit)
        case .discard: if !caller.mayDiscard { throw DeskError.forbidden("Only admins delete tickets") }
        case .restore: if !caller.mayDiscard { throw DeskError.forbidden("Only admins restore tickets") }
        }
    }

    /// What would become of the tickets.
    public func foresee(_ act: BulkAct, _ targets: [BulkTarget], as caller: Caller) async throws -> [BulkItem] {
        let tickets = try await db.tickets(targets.compactMap(\.id))
        let plan = try await db.plan(act, as: caller, desk.rules, at: now)
        return targets.map { target in
            let before = target.id.flatMap { tickets[$0] }
            return plan.item(target, before, plan.result(for: before))
        }
    }
}

extension DeskError {
    fileprivate static func tooMany(_ count: Int) -> DeskError {
        let many = count >= Slice<Ticket>.mostCounted ? "\(Slice<Ticket>.mostCounted) tickets or more" : "\(count) tickets"
        return .invalid([InvalidField("filter", "too_many", "These are \(many), and \(Bulk.most) are the most that are changed at once")])
    }
}

// MARK: - Changing them

extension Work {
    /// Does the same to several tickets, each as it would be done to it alone: by the same rules, with an event of its own. What is refused
    /// for one changes nothing of the others.
    ///
    /// A refusal is found before anything is written for its ticket, so the transaction goes on after it.
    public func bulk(_ asked: BulkAct, _ targets: [BulkTarget], as caller: Caller) async throws -> [BulkItem] {
        var act = asked
        if case .edit(let edit) = asked { act = .edit(try await edit.spelled(by: self)) }
        let tickets = try await db.ticketsToChange(targets.compactMap(\.id).sorted { $0.bits < $1.bits })
        let plan = try await db.plan(act, as: caller, rules, at: now)
        return try await gatheringLoads {
            var items: [BulkItem] = []
            for target in targets {
                let before = target.id.flatMap { tickets[$0] }
                let result = plan.result(for: before)
                if let before, case .success(let after) = result {
                    if case .edit = act {
                        _ = try await keep(after, changedFrom: before, by: caller)
                    } else {
                        _ = try await keep(after, movedFrom: before, by: caller)
                    }
                }
                items.append(plan.item(target, before, result))
            }
            return items
        }
    }

    /// The same, all or nothing. Throws `BulkUndone` when something is refused.
    public func bulkAll(_ act: BulkAct, _ targets: [BulkTarget], as caller: Caller) async throws -> [BulkItem] {
        let items = try await bulk(act, targets, as: caller)
        if items.contains(where: \.outcome.isRefused) { throw BulkUndone(items: items) }
        return items
    }
}

/// What is to be done, with all that it takes to say what becomes of a ticket.
private struct BulkPlan: Sendable {
    let act: BulkAct
    let caller: Caller
    let assignee: Result<Change<Person>, DeskError>
    let reopenDays: Int
    let now: Moment

    /// The ticket as it would be. The same rules as for one alone.
    func result(for ticket: Ticket?) -> Result<Ticket, DeskError> {
        do {
            guard let ticket else { throw DeskError.notFound("Ticket not found") }
            switch act {
            case .edit(let edit): return .success(try changed(ticket, edit))
            case .discard: return .success(try ticket.discarded(by: caller, at: now))
            case .restore: return .success(try ticket.restored(by: caller))
            }
        } catch {
            return .failure(error as? DeskError ?? .conflict("This ticket cannot be changed so"))
        }
    }

    private func changed(_ before: Ticket, _ edit: TicketEdit) throws -> Ticket {
        try before.mustBeChangeable(by: caller)
        try edit.mustBeAllowed(on: before, for: caller)
        var ticket = before
        try edit.assign(&ticket, assignee.get(), as: caller, at: now)
        try edit.apply(to: &ticket, as: caller, reopenDays: reopenDays, at: now)
        return ticket
    }

    func item(_ target: BulkTarget, _ before: Ticket?, _ result: Result<Ticket, DeskError>) -> BulkItem {
        let outcome: BulkItem.Outcome =
            switch result {
            case .success(let after): before.map { $0.differs(from: after) } == true ? .changed : .unchanged
            case .failure(let error): .refused(error)
            }
        let seen = before.flatMap { caller.maySee($0) ? $0 : nil }
        return BulkItem(name: target.name, ticket: seen, outcome: outcome)
    }
}

extension Ticket {
    /// Whether writing it would leave a trace.
    fileprivate func differs(from after: Ticket) -> Bool { deletedAt != after.deletedAt || !changes(to: after).isEmpty }
}

extension Connection {
    fileprivate func plan(_ act: BulkAct, as caller: Caller, _ rules: Rules, at now: Moment) async throws -> BulkPlan {
        var assignee = Result<Change<Person>, DeskError>.success(.absent)
        if case .edit(let edit) = act {
            do { assignee = .success(try await newAssignee(edit)) } catch let error as DeskError { assignee = .failure(error) }
        }
        return BulkPlan(act: act, caller: caller, assignee: assignee, reopenDays: rules.reopenDays, now: now)
    }
}
