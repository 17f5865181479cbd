public import Domain
internal import Storage

extension Look {
    /// What outside issuers call those of these people whom they vouch for. An issuer's own client knows them by nothing else.
    public func issuersIDs(of people: some Sequence<Person.ID>) async throws -> [Person.ID: String] {
        var ids = Array(Set(people))
        guard let last = ids.last else { return [:] }
        // So many that there are few different questions: a prepared statement is for one number of values.
        while ids.count & (ids.count - 1) != 0 { ids.append(last) }
        let found = try await db.all(
            "SELECT p.id, p.subject FROM people p WHERE p.id IN \(list: ids) AND p.origin = 'delegated' AND p.subject IS NOT NULL"
        ) { ($0.id(of: Person.self), $0.text()) }
        return Dictionary(found) { first, _ in first }
    }
}
