internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What shall become of which tickets.
struct BulkBody: Shaped {
    enum Mode: String, CaseIterable, Sendable, Word {
        case each, all
    }

    enum Action: String, CaseIterable, Sendable, Word {
        case delete, restore
    }

    var ids: [TicketName]?
    var filter: BulkFilter?
    var set: BulkSet?
    var action: Action?
    var mode = Mode.each
    var isDryRun = false

    static let shape = Shape(
        "BulkChange", "What shall become of which tickets", BulkBody(), choices: [["ids", "filter"], ["set", "action"]]
    ) {
        Field("ids", \.ids, Kind<[TicketName]>.list(of: .ticketName, atMost: Bulk.most).orAbsent, "The tickets, by id or number")
        Field("filter", \.filter, Kind<BulkFilter>.object(BulkFilter.self).orAbsent, "Or those that a list with these words has")
        Field("set", \.set, Kind<BulkSet>.object(BulkSet.self).orAbsent, "What of them shall become other")
        Field("action", \.action, Kind<Action>.word(Action.self).orAbsent, "Or to the bin with them, or out of it; for admins")
        Field(
            "mode", \.mode, .word(Mode.self), "Whether each goes for itself, or all of them or none", required: false)
        Field("dry_run", \.isDryRun, .boolean, "Whether only to tell what would become of them", required: false)
    }

    /// What is to be done. Throws 400, with all that is wrong, unless the body says one thing to do and one way which tickets are meant.
    func act() throws -> BulkAct {
        var faults = Faults()
        if (ids == nil) == (filter == nil) { faults.add(Fault("value_error", "Either ids or a filter is needed", at: "ids")) }
        if (set == nil) == (action == nil) { faults.add(Fault("value_error", "Either set or an action is needed", at: "set")) }
        if let set, !set.saysAnything { faults.add(Fault("value_error", "There is nothing to set", at: "set")) }
        if !faults.isEmpty { throw Refusal.invalid(faults) }
        switch action {
        case .delete: return .discard
        case .restore: return .restore
        case nil: return .edit(set?.edit ?? TicketEdit())
        }
    }
}

/// Which tickets, in the words of their list.
struct BulkFilter: Shaped {
    var filter = TicketFilter()
    /// A question in the language of searches.
    var text: String?

    static let shape = Shape("BulkFilter", "Which tickets, in the words of their list", BulkFilter()) {
        Field.all(of: \.filter, TicketFilter.fields)
        Field("q", \.text, Kind<String>.text(1...1000).orAbsent, "What a search finds")
    }
}

/// What of tickets shall become other. What is not given stays.
struct BulkSet: Shaped {
    var edit = TicketEdit()

    init() { edit.assigneeField = "set.assignee" }

    static let shape = Shape("BulkSet", "What of tickets shall become other; what is not given stays", BulkSet()) {
        Field("status", \.edit.status, Kind<Domain.Status>.word(Domain.Status.self).orAbsent, "Where they stand")
        Field("priority", \.edit.priority, Kind<Priority>.word(Priority.self).orAbsent, "How much they press")
        Field("category", \.edit.category, Kind<String>.oneLine(1...100).change, "What they are about")
        Field("type", \.edit.type, Kind<String>.oneLine(1...100).change, "What sort of request they are")
        Field("tags", \.edit.tags, Kind<[String]>.tags.change, "Words to find them by, in place of those that they have")
        Field("add_tags", \.edit.addedTags, .tags, "Words that come to theirs", required: false)
        Field("remove_tags", \.edit.removedTags, .tags, "Words that go from theirs", required: false)
        Field("support_role", \.edit.supportRole, Kind<SupportRole>.word(SupportRole.self).orAbsent, "The tier they are with")
        Field(
            "assignee", \.edit.assignee, Kind<PersonName>.person.change, "Who works on them: an id, a username or an address",
            also: ["agent"])
    }

    var saysAnything: Bool {
        edit.status != nil || edit.priority != nil || edit.supportRole != nil || edit.category != .absent || edit.type != .absent
            || edit.tags != .absent || edit.assignee != .absent || !edit.addedTags.isEmpty || !edit.removedTags.isEmpty
    }
}
