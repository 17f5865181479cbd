import Domain
import Helpdesk

extension Desk {
    /// Two customers, two agents and an admin.
    func testPeople(seesAssignedOnly: Bool) async throws -> [Caller] {
        var callers: [Caller] = []
        for (name, role) in [("Alice", .customer), ("Aaron", .customer), ("Bob", .agent), ("Berta", .agent), ("Carol", .admin)]
            as [(String, Role)]
        {
            callers.append(try await testPerson(name, role, seesAssignedOnly: seesAssignedOnly))
        }
        return callers
    }

    func testPerson(_ name: String, _ role: Role, seesAssignedOnly: Bool = false) async throws -> Caller {
        var draft = PersonDraft()
        draft.email = "\(name.lowercased())@example.com"
        draft.username = name.lowercased()
        draft.firstName = name
        draft.lastName = "Example"
        draft.role = role
        draft.isVerified = true
        let ready = draft
        let person = try await write { work in try await work.add(ready, passwordHash: nil, by: nil) }
        return Caller(
            id: person.id, label: person.id.text, name: person.name, email: person.email, role: role, seesAssignedOnly: seesAssignedOnly)
    }
}
