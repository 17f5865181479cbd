public import Domain
internal import Storage

extension Look {
    /// A slice of the tickets that the caller may see and the filter asks for. Throws `.forbidden` when the bin is not theirs to see.
    public func tickets(_ filter: TicketFilter, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Ticket> {
        if filter.isInBin, !caller.mayDiscard { throw DeskError.forbidden("Only admins see the bin") }
        var filter = filter
        if !caller.isStaff {
            guard filter.requester ?? caller.id == caller.id else { return Slice(items: []) }
            filter.requester = caller.id
        }
        let listing = TicketListing(filter, slice, for: caller, on: db.engine)
        let rows = try await db.tickets(listing)
        var total: Int?
        if slice.isCounted { total = try await db.first(listing.counting) { $0.int() } }
        return Slice(rows, limit: slice.limit, total: total, at: listing.position)
    }

    /// A slice of the tickets that somebody opened, as far as the caller may see them. Throws `.notFound` when there is no such person.
    public func tickets(of requester: Person.ID, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Ticket> {
        _ = try await db.person(requester)
        var filter = TicketFilter()
        filter.requester = requester
        return try await tickets(filter, slice, as: caller)
    }
}

extension Connection {
    fileprivate func tickets(_ listing: TicketListing) async throws -> [Ticket] {
        var tickets = try await all(listing.page) { $0.ticket() }
        // They mostly come in order, but a join promises none.
        if !tickets.isSorted(by: listing.precedes) { tickets.sort(by: listing.precedes) }
        return tickets
    }
}

extension Array {
    /// Whether no element comes before the one that it follows.
    fileprivate func isSorted(by precedes: (Element, Element) -> Bool) -> Bool {
        indices.dropFirst().allSatisfy { !precedes(self[$0], self[$0 - 1]) }
    }
}
