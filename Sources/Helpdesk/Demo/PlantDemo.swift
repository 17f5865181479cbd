internal import Codec
internal import Domain
internal import Storage

extension Desk {
    /// Makes what the demo shows: a customer, an agent and an admin whose passwords everybody knows, a few tickets, and a help centre. A second start
    /// finds them there. Answers whether it made anybody. Throws `.conflict` when there are accounts of other people: nobody shall open
    /// a desk with real customers to everybody by one flag.
    ///
    /// The only way to a password shorter than the rule, which is why it is here and takes no names from outside.
    public func plantDemo() async throws -> Bool {
        if try await read({ look in try await look.db.isPlanted() }) { return false }
        var hashes: [String] = []
        for person in DemoPerson.all { hashes.append(try await hash(password: person.password)) }
        let ready = hashes
        return try await write { work in
            try await work.hold("the demo")
            if try await work.db.isPlanted() { return false }
            if try await work.db.hasAccounts() { throw DeskError.conflict("There are accounts here: the demo wants a database of its own") }
            var cast: [Person] = []
            for (person, hash) in zip(DemoPerson.all, ready) { cast.append(try await work.add(person.draft, passwordHash: hash, by: nil)) }
            for ticket in DemoTicket.all { try await work.plant(ticket, for: cast.map { Caller(demo: $0) }) }
            let author = Caller(demo: cast[DemoPerson.bob])
            for article in DemoArticle.all { _ = try await work.write(article.draft, as: author) }
            return true
        }
    }
}

extension Work {
    /// - Parameter cast: as in `DemoPerson.all`.
    fileprivate func plant(_ ticket: DemoTicket, for cast: [Caller]) async throws {
        var draft = TicketDraft()
        (draft.title, draft.description) = (ticket.title, ticket.description)
        (draft.priority, draft.category, draft.tags) = (ticket.priority, ticket.category, ticket.tags)
        let opened = try await open(draft, as: cast[DemoPerson.alice])
        if ticket.isTaken {
            var edit = TicketEdit()
            edit.assignee = .to(.id(cast[DemoPerson.bob].id))
            _ = try await change(.id(opened.id), edit, as: cast[DemoPerson.carol])
        }
        for (who, content, type) in ticket.comments {
            var comment = CommentDraft()
            (comment.content, comment.type) = (content, type)
            _ = try await self.comment(comment, on: .id(opened.id), as: cast[who])
        }
    }
}

extension Caller {
    fileprivate convenience init(demo person: Person) {
        self.init(id: person.id, label: person.id.text, name: person.name, email: person.email, role: person.role)
    }
}

extension Connection {
    fileprivate func isPlanted() async throws -> Bool {
        for person in DemoPerson.all where try await !hasAccount(with: person.draft.email ?? "") { return false }
        return true
    }

    fileprivate func hasAccounts() async throws -> Bool {
        try await first("SELECT id FROM people WHERE origin = 'account' LIMIT 1") { $0.uuid() } != nil
    }
}
