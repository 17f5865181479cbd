internal import Codec
public import Domain
public import HTTP
public import Helpdesk

extension DeskRoutes {
    /// Declares a list: `handle` gives the slice that is asked for, and `show` makes of an item what the caller sees.
    ///
    ///     desk.page("/tickets", .signedIn, "Lists tickets", query: TicketQuery.self, of: TicketView.self) { ask, slice, look in
    ///         try await look.tickets(ask.query.filter, slice, as: ask.caller)
    ///     } show: { TicketView($0, for: $1) }
    public mutating func page<Query: PagedQuery, Found: Sendable, Item: PageItem>(
        _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, of item: Item.Type,
        _ handle: @escaping @Sendable (Ask<Query, Nothing>, SliceRequest, Look) async throws -> Slice<Found>,
        show: @escaping @Sendable (Found, Caller) -> Item,
        finishing finish: (@Sendable ([Item], Ask<Query, Nothing>, Desk) async throws -> [Item])? = nil
    ) {
        page(
            pattern, access, summary, query: query, of: item,
            asking: { ask, slice, desk in
                let body: @Sendable (Look) async throws -> Slice<Found> = { look in try await handle(ask, slice, look) }
                // Counting takes its time, so it is done where it holds up nobody.
                let asker = Asker(ask.caller)
                return slice.isCounted ? try await desk.survey(for: asker, body) : try await desk.read(for: asker, body)
            }, show: show, finishing: finish)
    }

    /// Declares a list that takes more than one look to make.
    public mutating func page<Query: PagedQuery, Found: Sendable, Item: PageItem>(
        _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, of item: Item.Type,
        asking handle: @escaping @Sendable (Ask<Query, Nothing>, SliceRequest, Desk) async throws -> Slice<Found>,
        show: @escaping @Sendable (Found, Caller) -> Item,
        finishing finish: (@Sendable ([Item], Ask<Query, Nothing>, Desk) async throws -> [Item])? = nil
    ) {
        let (desk, list) = (desk, ListName(pattern: pattern))
        routes.answered(
            .get, pattern, access, summary, query: Query.self, takes: Nothing.self, gives: .ok(Page<Item>.self)
        ) { request in
            let ask = Ask(
                caller: try request.mustBeSignedIn(), path: AskedPath(request), query: try request.readQuery(as: Query.self),
                body: Nothing(), expectedRevision: nil)
            let slice = try ask.query.slice(of: list, at: desk)
            let rows = try await handle(ask, slice, desk)
            try slice.mustBe(of: rows)
            var found = rows.map { show($0, ask.caller) }
            if let finish { found.items = try await finish(found.items, ask, desk) }
            return Routes.response(.ok(Page<Item>.self), Page(found, asked: ask.query, of: list, by: request, desk))
        }
    }
}

extension Request {
    /// The query as it was sent, but for the page that it asks for.
    func query(goingOnAt cursor: String) -> String {
        let others = query.utf8.split(separator: UInt8(ascii: "&")).map { String(Substring($0)) }.filter { pair in
            let name = String(Substring(pair.utf8.prefix { $0 != UInt8(ascii: "=") }))
            return !name.equals("cursor") && !name.equals("offset") && !name.equals("count")
        }
        return (others + ["cursor=\(cursor)"]).joined(separator: "&")
    }
}
