internal import Codec
internal import Domain
internal import Helpdesk

/// What of a ticket shall become other. What is not given stays.
struct TicketChange: Shaped {
    var edit = TicketEdit()

    static let shape = Shape("TicketChange", "What of a ticket shall become other; what is not given stays", TicketChange()) {
        Field(
            "title", \.edit.title, Kind<String>.oneLine(1...255).orAbsent, "One line that says what is wrong", also: ["subject", "topic"])
        Field("description", \.edit.description, Kind<String>.text(1...65_536).orAbsent, "The whole story, in Markdown")
        Field("status", \.edit.status, Kind<Domain.Status>.word(Domain.Status.self).orAbsent, "Where it stands")
        Field("priority", \.edit.priority, Kind<Priority>.word(Priority.self).orAbsent, "How much it presses")
        Field("category", \.edit.category, Kind<String>.oneLine(1...100).change, "What it is about")
        Field("type", \.edit.type, Kind<String>.oneLine(1...100).change, "What sort of request it is")
        Field("tags", \.edit.tags, Kind<[String]>.tags.change, "Words to find it by")
        Field("support_role", \.edit.supportRole, Kind<SupportRole>.word(SupportRole.self).orAbsent, "The tier it is with")
        Field("assignee", \.edit.assignee, Kind<PersonName>.person.change, "Who works on it: an id, a username or an address")
    }
}

/// Who shall work on a ticket.
struct Assigning: Shaped {
    var edit = TicketEdit()

    init() { edit.assigneeField = "agent" }

    static let shape = Shape("Assigning", "Who shall work on a ticket", Assigning()) {
        Field(
            "agent", \.edit.assignee, Kind<PersonName>.person.change, "An id, a username or an address; null for nobody",
            also: ["agent_id"], required: true)
        Field("priority", \.edit.priority, Kind<Priority>.word(Priority.self).orAbsent, "How much it presses")
    }
}

extension Kind {
    /// Somebody, by id, username or address.
    static var person: Kind<PersonName> {
        Kind<String>.text(1...320).converted(
            to: { text in .success(Person.ID(path: text).map { .id($0) } ?? .text(text)) },
            from: { name in
                switch name {
                case .id(let id): id.text
                case .text(let text): text
                }
            })
    }
}
