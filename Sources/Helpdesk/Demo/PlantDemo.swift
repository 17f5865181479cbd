internal import Domain
internal import Storage

extension Desk {
    /// Makes what the demo shows: a customer, an agent and an admin whose passwords everybody knows, and a few tickets. A second start
    /// finds them there. Answers whether it made anybody.
    ///
    /// The only way to a password shorter than the rule, which is why it is here and takes no names from outside.
    public func plantDemo() async throws -> Bool {
        var hashes: [String] = []
        if try await isPlanted() { return false }
        for person in DemoPerson.all { hashes.append(try await hash(password: person.password)) }
        let ready = hashes
        return try await write { work in
            try await work.hold("the demo")
            var people: [Person] = []
            for (person, hash) in zip(DemoPerson.all, ready) {
                if try await work.db.hasAccount(with: person.draft.email ?? "") { return false }
                people.append(try await work.add(person.draft, passwordHash: hash, by: nil))
            }
            for ticket in DemoTicket.all { try await work.plant(ticket, for: people[0]) }
            return true
        }
    }

    private func isPlanted() async throws -> Bool {
        try await read { look in try await look.db.hasAccount(with: DemoPerson.all[0].draft.email ?? "") }
    }
}

extension Work {
    fileprivate func plant(_ ticket: DemoTicket, for person: Person) async throws {
        let caller = Caller(id: person.id, label: person.id.text, name: person.name, email: person.email, role: person.role)
        var draft = TicketDraft()
        (draft.title, draft.description) = (ticket.title, ticket.description)
        (draft.priority, draft.category, draft.tags) = (ticket.priority, ticket.category, ticket.tags)
        _ = try await open(draft, as: caller)
    }
}

/// Somebody of the demo.
struct DemoPerson {
    let draft: PersonDraft
    let password: String

    static let all = [
        DemoPerson("alice", "Alice", "Archer", .customer), DemoPerson("bob", "Bob", "Baker", .agent),
        DemoPerson("carol", "Carol", "Cook", .admin),
    ]

    private init(_ username: String, _ firstName: String, _ lastName: String, _ role: Role) {
        var draft = PersonDraft()
        (draft.email, draft.username) = ("\(username)@example.com", username)
        (draft.firstName, draft.lastName) = (firstName, lastName)
        (draft.role, draft.isVerified) = (role, true)
        self.draft = draft
        password = "\(username)123"
    }
}

/// A ticket of the demo, opened by its customer.
private struct DemoTicket {
    let title: String
    let description: String
    var priority = Priority.medium
    var category: String?
    var tags: [String] = []

    static let all = [
        DemoTicket(
            title: "Cannot sign in since this morning", description: "It says **Invalid credentials**, and I changed nothing.",
            priority: .high, category: "authentication", tags: ["login"]),
        DemoTicket(
            title: "Invoice 1042 shows the wrong address",
            description: "We moved in May. Could you send it again with the new address, please?", category: "billing",
            tags: ["invoice", "address"]),
        DemoTicket(
            title: "Export stops after 1,000 rows",
            description: "1. Open *Reports*\n2. Choose *All orders*\n3. Press *Export*\n\nThe file ends early.",
            priority: .urgent, category: "reports", tags: ["export"]),
        DemoTicket(title: "Do you ship to Norway?", description: "I found nothing about it on your pages.", priority: .low),
    ]
}
