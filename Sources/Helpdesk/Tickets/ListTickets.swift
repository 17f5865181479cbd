public import Domain
internal import Storage

extension Look {
    /// A slice of the tickets that the caller may see and the filter asks for. Throws `.forbidden` when the bin is not theirs to see.
    ///
    /// A slice may hold fewer tickets than were asked for, or none, and still have a next: where no index leads to what is asked for, a slice
    /// looks at some thousand tickets, whatever is found there.
    public func tickets(_ filter: TicketFilter, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Ticket> {
        if filter.isInBin, !caller.mayDiscard { throw DeskError.forbidden("Only admins see the bin") }
        var filter = filter
        if !caller.isStaff {
            guard filter.allRequesters.map({ $0.contains(caller.id) }) ?? true else { return Slice(items: []) }
            filter.askedRequesters = [caller.id]
        }
        let listing = TicketListing(filter, slice, for: caller, on: db.engine)
        // Who passes over rows passes over those that are found, so there is no place to go on from before the end.
        var found = try await listing.isSifted && slice.offset == 0 ? sifted(listing) : this(listing)
        if slice.isCounted { found.total = try await db.first(listing.counting) { $0.int() } }
        return found
    }

    /// A slice of a list of which there may be little in what is looked at.
    ///
    /// - Parameter looks: how many tickets are looked at: first few, and when these hold too little as many as one slice may cost.
    func sifted(_ listing: TicketListing, looks: [Int] = [1_000, 20_000]) async throws -> Slice<Ticket> {
        var listing = listing
        var found = Slice<Ticket>(items: [])
        for rows in looks {
            let places = try await db.all(listing.places(ofRow: max(1, rows / listing.branchCount))) { row in
                Position(key: row.int(), tie: UInt128(clamping: row.int()))
            }
            listing.horizon = listing.first(of: places)
            found = try await this(listing)
            guard listing.horizon != nil, found.next == nil else { return found }
        }
        found.next = listing.horizon
        return found
    }

    private func this(_ listing: TicketListing) async throws -> Slice<Ticket> {
        let rows = try await db.tickets(listing)
        return Slice(rows, listing.slice, at: listing.position, size: \.description.utf8.count)
    }

    /// A slice of the tickets that somebody opened, as far as the caller may see them. Throws `.notFound` when there is no such person.
    public func tickets(of requester: Person.ID, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Ticket> {
        _ = try await db.person(requester)
        var filter = TicketFilter()
        filter.requester = requester
        var found = try await tickets(filter, slice, as: caller)
        found.owner = requester.bits
        return found
    }
}

extension Connection {
    fileprivate func tickets(_ listing: TicketListing) async throws -> [Ticket] {
        var tickets = try await rows(listing.page, listing.slice, size: \.description.utf8.count) { $0.ticket() }
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
