internal import Domain
internal import HTTP
internal import Helpdesk

/// Lists of tickets: `/tickets`, `/tickets/my`, `/users/{id}/tickets`.
public enum TicketListRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.page(
            "/tickets", .signedIn, "Lists the tickets that the caller may see", query: TicketQuery.self, of: TicketView.self
        ) { ask, slice, look in
            try await look.tickets(ask.query.filter, slice, as: ask.caller)
        } show: {
            TicketView($0, for: $1)
        }
        desk.page(
            "/tickets/my", .signedIn, "Lists the tickets that the caller opened", query: PageQuery.self, of: TicketView.self
        ) { ask, slice, look in
            try await look.tickets(of: ask.caller.id, slice, as: ask.caller)
        } show: {
            TicketView($0, for: $1)
        }
        desk.page(
            "/users/{user}/tickets", .staff, "Lists the tickets that somebody opened", query: PageQuery.self, of: TicketView.self
        ) { ask, slice, look in
            try await look.tickets(of: ask.path.user, slice, as: ask.caller)
        } show: {
            TicketView($0, for: $1)
        }
    }
}
