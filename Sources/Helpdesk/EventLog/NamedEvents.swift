internal import Codec
internal import Domain
internal import Storage

// The log knows people by id. What they are called, and what they may do, is what it is when somebody reads of them.

extension Connection {
    /// Rows with the names of those who are in them.
    func named(_ rows: [LoggedRow]) async throws -> [LoggedRow] {
        var ids: Set<Person.ID> = []
        var subjects: Set<Person.ID> = []
        for case let event? in rows.map(\.event) {
            ids.formUnion(event.people)
            if case .person(let person) = event.subject { subjects.insert(person.id) }
        }
        let parties = try await parties(ids)
        let people = try await people(subjects)
        return rows.map { row in
            var row = row
            row.event?.name(parties, people)
            return row
        }
    }

    /// These people by id, those who were deleted too.
    func parties(_ ids: Set<Person.ID>) async throws -> [Person.ID: Party] {
        guard !ids.isEmpty else { return [:] }
        let found = try await all("SELECT p.id, p.name, p.email, p.role FROM people p WHERE p.id IN \(list: Array(ids))") { row in
            Party(id: row.id(), name: row.text(), email: row.optionalText(), role: row.word())
        }
        return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }

    private func people(_ ids: Set<Person.ID>) async throws -> [Person.ID: Person] {
        guard !ids.isEmpty else { return [:] }
        let found = try await all("SELECT \(.personColumns) FROM people p WHERE p.id IN \(list: Array(ids))") { $0.person() }
        return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
    }
}

extension Event {
    /// Those whose names somebody wants to read.
    fileprivate var people: [Person.ID] {
        var ids = changes.flatMap { $0.people }
        if let actor { ids.append(actor.id) }
        switch subject {
        case .ticket(let ticket): ids += [ticket.requester.id] + (ticket.assignee.map { [$0.id] } ?? [])
        case .comment(let comment): ids.append(comment.author.id)
        case .article(let article): ids.append(article.author.id)
        case .person, .notification, .erased: break
        }
        return ids
    }

    fileprivate mutating func name(_ parties: [Person.ID: Party], _ people: [Person.ID: Person]) {
        actor = actor.map { Actor(id: $0.id, name: parties[$0.id]?.name ?? "") }
        changes = changes.map { $0.naming(parties) }
        switch subject {
        case .ticket(var ticket):
            ticket.requester = parties[ticket.requester.id] ?? ticket.requester
            // As on the ticket itself: an agent's address is their own.
            if let id = ticket.assignee?.id, var assignee = parties[id] {
                assignee.email = nil
                ticket.assignee = assignee
            }
            subject = .ticket(ticket)
        case .comment(var comment):
            comment.author = parties[comment.author.id] ?? comment.author
            subject = .comment(comment)
        case .article(var article):
            article.author = parties[article.author.id] ?? article.author
            subject = .article(article)
        case .person(let person): subject = people[person.id].map { .person($0) } ?? .erased
        case .notification(var notification):
            notification.actor = actor.map { Party(id: $0.id, name: $0.name, email: nil, role: .guest) }
            subject = .notification(notification)
        case .erased: break
        }
    }
}

extension FieldChange {
    /// Those who were and who are in the field, by id.
    var people: [Person.ID] { isOfPerson ? [from.personID, to.personID].compactMap { $0 } : [] }

    func naming(_ parties: [Person.ID: Party]) -> FieldChange {
        guard isOfPerson else { return self }
        return FieldChange(field, from: from.naming(parties), to: to.naming(parties))
    }

    private var isOfPerson: Bool { field.equals("requester") || field.equals("assignee") }
}

extension JSONValue {
    /// Somebody as the log keeps them.
    static func known(_ party: Party?) -> JSONValue { party.map { .object([.init("id", .text($0.id.text))]) } ?? .null }

    fileprivate var personID: Person.ID? {
        guard let text = self["id"]?.string, let id = UUID(text) else { return nil }
        return Identifier(id.bits)
    }

    fileprivate func naming(_ parties: [Person.ID: Party]) -> JSONValue {
        guard let id = personID else { return self }
        return .object([.init("id", .text(id.text)), .init("name", .text(parties[id]?.name ?? ""))])
    }
}
