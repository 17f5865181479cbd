internal import Codec
internal import Domain
internal import Helpdesk

/// What it takes to open a ticket.
struct NewTicket: Shaped {
    var draft = TicketDraft()

    static let shape = Shape("NewTicket", "What it takes to open a ticket", NewTicket()) {
        Field("title", \.draft.title, .oneLine(1...255), "One line that says what is wrong", also: ["subject", "topic"])
        Field("description", \.draft.description, .text(1...65_536), "The whole story, in Markdown")
        Field("priority", \.draft.priority, .word(Priority.self), "How much it presses", required: false)
        Field("category", \.draft.category, Kind<String>.oneLine(1...100).optional, "What it is about")
        Field("type", \.draft.type, Kind<String>.oneLine(1...100).optional, "What sort of request it is")
        Field("tags", \.draft.tags, .tags, "Words to find it by", required: false)
        Field("requester", \.draft.requester, RequesterName.kind.optional, "Who it is for, when staff open it: an id, or address and name")
    }
}

/// Who a ticket is opened for: somebody known by id, or whoever has that address.
struct RequesterName: Shaped {
    var id: Person.ID?
    var email: String?
    var name: String?

    static let shape = Shape("RequesterName", "Who a ticket is for: the id, or the address", RequesterName(), choices: [["id", "email"]]) {
        Field("id", \.id, Kind<Person.ID>.id(Person.self).orAbsent, "Somebody who is known")
        Field("email", \.email, Kind<String>.address.orAbsent, "An address; who is not known by it yet becomes a contact")
        Field("name", \.name, Kind<String>.oneLine(1...200).optional, "What a new contact is called")
    }

    /// An object, or the id by itself.
    static var kind: Kind<TicketDraft.Requester> {
        Kind<JSONValue>.json.described(as: .oneOf([.word("uuid"), shape.schema])).converted(
            to: { value in
                if let text = value.string { return id(text).map { .id($0) } }
                do throws(Faults) { return try shape.read(json: value.bytes).requester } catch { return .failure(error) }
            },
            from: { _ in .null })
    }

    private static func id(_ text: String) -> Result<Person.ID, Faults> {
        do throws(Faults) {
            return .success(try Kind<Person.ID>.id(Person.self).read(text: text, at: ""))
        } catch {
            return .failure(error)
        }
    }

    private var requester: Result<TicketDraft.Requester, Faults> {
        switch (id, email) {
        case (let id?, nil): .success(.id(id))
        case (nil, let email?): .success(.contact(email: email, name: name))
        default: .failure(Faults(Fault("requester", "Either an id or an email is needed")))
        }
    }
}

extension Kind {
    /// What mail can be sent to, as far as a look at it tells.
    static var address: Kind<String> {
        Kind<String>.text(3...EmailAddress.longest).described(as: .word("email")).checked { text in
            EmailAddress.isSane(text) ? nil : Fault("value_error", "Value is not a valid email address")
        }
    }

    /// Words to find a ticket by: without blanks around them, and none twice.
    static var tags: Kind<[String]> {
        let tag = Kind<String>.text(1...50).converted(to: { .success($0.withoutBlanksAround) }, from: { $0 }).onOneLine
        return Kind<[String]>.list(of: tag, atMost: 20).converted(
            to: { tags in
                var seen: Set<ByteName> = []
                return .success(tags.filter { seen.insert(ByteName($0)).inserted })
            }, from: { $0 })
    }
}

extension String {
    /// The text without white space at its ends.
    var withoutBlanksAround: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest.count == count ? self : String(rest)
    }
}
