internal import Codec
internal import Domain
internal import Helpdesk

/// The query of a list of tickets.
struct TicketQuery: PagedQuery {
    var filter = TicketFilter()
    var order: TicketOrder?
    /// A question in the language of searches.
    var text: String?
    var paging = Paging()

    static let shape = Shape("TicketQuery", "Which tickets", TicketQuery()) {
        Field.all(of: \.filter, TicketFilter.fields)
        Field("q", \.text, Kind<String>.text(1...1000).orAbsent, "What a search finds: words come best first, without `sort`")
        Field("sort", \.order, Kind<TicketOrder>.ticketOrder.orAbsent, "The order: `-` before it turns it round")
        Field.all(of: \.paging, Paging.fields)
    }
}

extension TicketFilter {
    /// The words that say which tickets are meant, in a query or a body.
    static let fields: [Field<TicketFilter>] = [
        Field("status", \.statuses, .list(of: .word(Domain.Status.self), atMost: 5), "Where they stand", required: false),
        Field("priority", \.priorities, .list(of: .word(Priority.self), atMost: 4), "How much they press", required: false),
        Field("category", \.categories, .list(of: .text(1...100), atMost: 20), "What they are about", required: false),
        Field("type", \.types, .list(of: .text(1...100), atMost: 20), "What sort of request they are", required: false),
        Field("tag", \.tags, .list(of: .text(1...50), atMost: 20), "One of their tags", required: false),
        Field(
            "assignee", \.assignees, .list(of: .assignee, atMost: 10), "Who works on them: an id, `me` or `none`", required: false),
        Field("requester", \.askedRequesters, .list(of: .id(Person.self), atMost: 10), "Who opened them", required: false),
        Field("support_role", \.supportRoles, .list(of: .word(SupportRole.self), atMost: 4), "Their tier", required: false),
        Field("created_after", \.createdAfter, Kind<Moment>.moment.orAbsent, "Opened after this moment"),
        Field("updated_after", \.updatedAfter, Kind<Moment>.moment.orAbsent, "Changed after this moment"),
        Field("deleted", \.isInBin, .boolean, "Those in the bin, for admins", required: false),
    ]
}

/// The query of a list of some person's tickets.
struct PageQuery: PagedQuery {
    var paging = Paging()

    static let shape = Shape("PageQuery", "Which page", PageQuery()) { Field.all(of: \.paging, Paging.fields) }
}

extension TicketView: PageItem {
    static let page = Page<TicketView>.shape("TicketPage", "A page of tickets")
}

extension Kind {
    /// `me`, `none` or somebody's id.
    static var assignee: Kind<TicketFilter.Assignee> {
        Kind<String>.text(1...36).described(as: .oneOf([.word("uuid"), .words(["me", "none"])])).converted(
            to: { text in
                if text.equalsIgnoringCase("me") { return .success(.me) }
                if text.equalsIgnoringCase("none") { return .success(.none) }
                guard let id = UUID(text) else {
                    return .failure(Faults(Fault("uuid_parsing", "Input should be an id, 'me' or 'none'")))
                }
                return .success(.person(Person.ID(id.bits)))
            },
            from: { assignee in
                switch assignee {
                case .me: "me"
                case .none: "none"
                case .person(let id): id.text
                }
            })
    }

    /// What a list goes by, with `-` before it when the greatest comes first.
    static var ticketOrder: Kind<TicketOrder> {
        let words = TicketOrder.Key.allCases.flatMap { [$0.rawValue, "-\($0.rawValue)"] }
        return Kind<String>.text(1...20).described(as: .words(words)).converted(
            to: { text in
                let isDescending = text.utf8.first == UInt8(ascii: "-")
                let name = isDescending ? String(text.unicodeScalars.dropFirst()) : text
                guard let key = TicketOrder.Key.allCases.first(where: { name.hasSameBytes(as: $0.rawValue) }) else {
                    let keys = TicketOrder.Key.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
                    return .failure(Faults(Fault("enum", "Input should be one of \(keys), with or without '-' before it")))
                }
                return .success(TicketOrder(by: key, isDescending: isDescending))
            },
            from: { ($0.isDescending ? "-" : "") + $0.key.rawValue })
    }
}
