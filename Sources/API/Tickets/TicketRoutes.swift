internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/tickets`: opened, read, worked and closed.
public enum TicketRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.change(
            .post, "/tickets", .signedIn, "Opens a ticket, for somebody else too where staff ask", takes: NewTicket.self,
            gives: .created(TicketView.self)
        ) { ask, work in
            var view = TicketView(try await work.open(ask.body.draft, as: ask.caller), for: ask.caller)
            view.isNew = true
            return view
        }
        desk.read(
            "/tickets/{ticket}", .signedInOrBrowser, "Gives a ticket", query: TicketParts.self, gives: .ok(TicketView.self),
            page: EmbedRoutes.page
        ) { ask, look in
            var view = TicketView(try await look.ticket(ask.path.ticket, as: ask.caller), for: ask.caller)
            try await view.add(ask.query.parts, of: ask.path.ticket, for: ask.caller, look)
            return view
        } finishing: { view, ask, desk in
            var view = view
            if ask.query.parts.contains(.html) { try await view.addHTML(at: desk) }
            return view
        }
        for method in [Method.patch, .put] {
            desk.change(
                method, "/tickets/{ticket}", .signedIn, "Changes what is given of a ticket", takes: TicketChange.self,
                gives: .ok(TicketView.self)
            ) { ask, work in
                let ticket = try await work.change(
                    ask.path.ticket, ask.body.edit, expecting: ask.expectedRevision, as: ask.caller)
                return TicketView(ticket, for: ask.caller)
            }
        }
        for method in [Method.patch, .post] {
            desk.change(
                method, "/tickets/{ticket}/assign", .staff, "Gives a ticket to one of the staff, or with null to nobody",
                takes: Assigning.self, gives: .ok(TicketView.self)
            ) { ask, work in
                let ticket = try await work.change(
                    ask.path.ticket, ask.body.edit, expecting: ask.expectedRevision, as: ask.caller)
                return TicketView(ticket, for: ask.caller)
            }
        }
        declareBin(in: &desk)
    }

    private static func declareBin(in desk: inout DeskRoutes) {
        desk.change(.delete, "/tickets/{ticket}", .admin, "Puts a ticket in the bin for thirty days", gives: .noContent) { ask, work in
            try await work.discard(ask.path.ticket, expecting: ask.expectedRevision, as: ask.caller)
            return Nothing()
        }
        desk.change(
            .post, "/tickets/{ticket}/restore", .admin, "Takes a ticket out of the bin", gives: .ok(TicketView.self)
        ) { ask, work in
            let ticket = try await work.restore(ask.path.ticket, expecting: ask.expectedRevision, as: ask.caller)
            return TicketView(ticket, for: ask.caller)
        }
    }
}
