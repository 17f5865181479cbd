public import Domain

/// What somebody waits for. The hub looks seats up by it, so that what happens costs only those who wait for it.
public enum Interest: Hashable, Sendable {
    /// All that happens.
    case everything
    /// What happens to a ticket.
    case ticket(Ticket.ID)
    /// What happens to the tickets that somebody opened or works on.
    case tickets(of: Person.ID)
    /// What happens to the tickets that one of the staff follows. Looked up when an event comes, so that whoever begins to follow a
    /// ticket hears of it from then on.
    case followed(by: Person.ID)
    /// What happens to articles.
    case articles
    /// What is told to somebody, and what becomes of them.
    case person(Person.ID)
}

extension Event {
    /// By what those are found who wait for it. Somebody may be found by several.
    var interests: [Interest] {
        if let recipient { return [.person(recipient)] }
        var all: [Interest] = [.everything]
        if let ticket { all.append(.ticket(ticket)) }
        if type.isOfArticle { all.append(.articles) }
        if let standing {
            all.append(.tickets(of: standing.requester))
            if let assignee = standing.assignee, assignee != standing.requester { all.append(.tickets(of: assignee)) }
        }
        return all
    }

    /// Whom it is about, if what they may do could have changed.
    var person: Person.ID? {
        switch type {
        case .userUpdated, .userDeleted, .userSignedOut:
            if case .person(let person) = subject { person.id } else { nil }
        default: nil
        }
    }
}
