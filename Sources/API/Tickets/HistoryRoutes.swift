internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/tickets/{ticket}/history`: who changed what, from what to what, and when.
public enum HistoryRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.page(
            ListName.history.pattern, .signedIn, "Lists who changed what of a ticket, oldest first", query: PageQuery.self,
            of: HistoryView.self
        ) { ask, slice, look in
            try await look.history(of: ask.path.ticket, slice, as: ask.caller)
        } show: { entry, _ in
            HistoryView(entry)
        }
    }
}

/// One line of a ticket's history.
struct HistoryView: Shaped, PageItem {
    var entry: HistoryEntry

    init(_ entry: HistoryEntry) { self.entry = entry }

    private static let blank = HistoryEntry(at: Moment(0), actor: nil, type: .ticketCreated, changes: [])

    static let shape = Shape("HistoryEntry", "What somebody changed of a ticket", HistoryView(blank)) {
        Field("at", from: { $0.entry.at }, .moment, "When")
        Field("actor", from: { $0.entry.actor }, PartyView.kind.optional, "Who; null when it happened by itself")
        Field("type", from: { $0.entry.type }, .word(EventType.self), "What happened")
        Field("changes", from: { $0.entry.changes }, .changes, "By field: from what, to what")
    }

    /// What those who are named here are called.
    var names: [String?] {
        [entry.actor?.name] + entry.changes.flatMap { [$0.from["name"]?.string, $0.to["name"]?.string] }
    }

    static let page = Page<HistoryView>.shape("HistoryPage", "A page of a ticket's history")
}
