internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// Lists of tickets: `/tickets`, `/tickets/my`, `/users/{id}/tickets`.
public enum TicketListRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.page(
            "/tickets", .signedIn, "Lists the tickets that the caller may see", query: TicketQuery.self, of: TicketView.self,
            asking: list, show: { TicketView($0, for: $1) })
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

    /// A list, or with words to be found a search.
    private static func list(
        _ ask: Ask<TicketQuery, Nothing>, _ slice: SliceRequest, _ desk: Desk
    ) async throws -> Slice<FoundTicket> {
        var asked = ask.query.filter
        asked.order = ask.query.order ?? TicketOrder()
        let (filter, caller) = (asked, ask.caller)
        let body: @Sendable (Look) async throws -> Slice<FoundTicket>
        if let text = ask.query.text {
            let query = try SearchQuery(text, at: "q")
            body = { look in try await look.tickets(query, narrowedBy: filter, slice, as: caller) }
            if query.hasWords {
                guard ask.query.order == nil else {
                    throw DeskError.invalid([
                        InvalidField("sort", "search_order", "What is found by words comes best first: please leave sort out")
                    ])
                }
                return try await desk.search(for: Asker(caller), body)
            }
        } else {
            body = { look in try await look.tickets(filter, slice, as: caller).map { FoundTicket(ticket: $0) } }
        }
        // Counting takes its time, so it is done where it holds up nobody.
        return slice.isCounted ? try await desk.survey(for: Asker(caller), body) : try await desk.read(for: Asker(caller), body)
    }
}
