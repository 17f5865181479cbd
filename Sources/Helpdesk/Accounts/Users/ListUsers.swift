public import Domain
internal import Storage

extension Look {
    /// Somebody, as the staff see them. Throws `.notFound`, also for who was deleted.
    public func user(_ id: Person.ID, as caller: Caller) async throws -> Person {
        guard caller.isStaff else { throw DeskError.notFound("User not found") }
        return try await db.person(id)
    }

    /// A slice of the people that the filter asks for: newest first, or by what was found.
    public func users(_ filter: UserFilter, _ slice: SliceRequest, as caller: Caller) async throws -> Slice<Person> {
        guard caller.isStaff else { throw DeskError.forbidden("Only staff see everybody") }
        let listing = UserListing(filter: filter, slice: slice, foundAfter: try await end(filter, slice), engine: db.engine)
        let rows = try await db.all(listing.page) { $0.person() }
        var total: Int?
        if slice.isCounted { total = try await db.first(listing.counting) { $0.int() } }
        return Slice(rows, limit: slice.limit, total: total) { Position(key: $0.createdAt.milliseconds, tie: $0.id.bits) }
    }

    /// Where the page before ended in a list by what was found. It is asked of the last person on it, since a cursor has no room for it.
    private func end(_ filter: UserFilter, _ slice: SliceRequest) async throws -> String? {
        guard let beginning = filter.beginning, let position = slice.after else { return nil }
        let last = try await db.first("SELECT \(.personColumns) FROM people p WHERE p.id = \(position.tie)") { $0.person() }
        guard let found = last?.found(by: beginning) else {
            throw DeskError.invalid([InvalidField("cursor", "cursor", "Whoever stood there has another name now: please begin anew")])
        }
        return found
    }
}
