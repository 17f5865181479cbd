internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/tickets`: opened, read, worked and closed.
public enum TicketRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.change(
            .post, "/tickets", .signedIn, "Opens a ticket", takes: NewTicket.self, gives: .created(TicketView.self)
        ) { ask, work in
            var view = TicketView(try await work.open(ask.body.draft, as: ask.caller), for: ask.caller)
            view.isNew = true
            return view
        }
        desk.read("/tickets/{ticket}", .signedIn, "Gives a ticket", gives: .ok(TicketView.self)) { ask, look in
            TicketView(try await look.ticket(ask.path.ticket, as: ask.caller), for: ask.caller)
        }
    }
}

/// What it takes to open a ticket.
struct NewTicket: Shaped {
    var draft = TicketDraft()

    static let shape = Shape("NewTicket", "What it takes to open a ticket", NewTicket()) {
        Field("title", \.draft.title, .text(1...255), "One line that says what is wrong", also: ["subject", "topic"])
        Field("description", \.draft.description, .text(1...65_536), "The whole story, in Markdown")
        Field("priority", \.draft.priority, .word(Priority.self), "How much it presses", required: false)
        Field("category", \.draft.category, Kind<String>.text(1...100).optional, "What it is about")
        Field("type", \.draft.type, Kind<String>.text(1...100).optional, "What sort of request it is")
        Field("tags", \.draft.tags, .list(of: .text(1...50), atMost: 20), "Words to find it by", required: false)
    }
}
