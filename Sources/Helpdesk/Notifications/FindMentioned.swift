internal import Domain
internal import Storage

/// Who is called what, as far as texts name them.
struct Called: Sendable {
    var byUsername: [String: Person.ID] = [:]
    /// Staff by first name; two of one name are nobody.
    var byFirstName: [String: [Person.ID]] = [:]

    /// Whom a name means: a username, or the first name of one alone among the staff.
    func person(_ spellings: [String]) -> Person.ID? {
        let spellings = spellings.map(key)
        for name in spellings {
            if let person = byUsername[name] { return person }
        }
        for name in spellings {
            if let people = byFirstName[name], people.count == 1 { return people[0] }
        }
        return nil
    }
}

extension Connection {
    /// How many of the staff are looked at for their first names.
    private static var mostStaff: Int { 1000 }

    func called(_ names: [[String]]) async throws -> Called {
        var called = Called()
        guard !names.isEmpty else { return called }
        let spellings = Array(Set(names.joined().map(key)))
        let known = try await all(
            """
            SELECT username_key, id FROM people
            WHERE username_key IN \(list: spellings) AND is_active = TRUE AND deleted_at IS NULL
            """
        ) { ($0.text(), $0.id(of: Person.self)) }
        called.byUsername = Dictionary(known) { first, _ in first }
        guard names.contains(where: { called.person($0) == nil }) else { return called }
        let staff = try await all(
            """
            SELECT first_name, id FROM people
            WHERE role IN ('agent', 'admin') AND is_active = TRUE AND deleted_at IS NULL ORDER BY role, id LIMIT \(Self.mostStaff)
            """
        ) { (key($0.text()), $0.id(of: Person.self)) }
        called.byFirstName = Dictionary(grouping: staff, by: \.0).mapValues { $0.map(\.1) }
        return called
    }
}
