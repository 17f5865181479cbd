public import Codec
public import Domain
public import HTTP
public import Helpdesk

/// A request by whoever comes, with or without a credential, read and checked.
public struct Visit<Query: Sendable>: Sendable {
    /// Nil for somebody without a credential.
    public let caller: Caller?
    public let path: AskedPath
    public let query: Query
}

extension Request {
    /// Who asks, where anybody may.
    var knownCaller: Caller? { identity as? Caller }

    /// Whose questions this request asks: its caller's, or those of the network that it came from.
    var asker: Asker { knownCaller.map { Asker($0) } ?? Asker(network: networkText) }

    func visit<Query: Shaped>(_: Query.Type, unknown: Reading.Unknown) throws -> Visit<Query> {
        Visit(caller: knownCaller, path: AskedPath(self), query: try query(as: Query.self, unknown: unknown))
    }
}

extension DeskRoutes {
    /// Declares what everybody may read.
    ///
    /// - Parameter finishing: what is done with the answer outside of the database.
    public mutating func visit<Query: Shaped, Found: Sendable, Output: Shaped>(
        _ pattern: String, _ summary: String, query: Query.Type, gives: Answer<Output>,
        _ handle: @escaping @Sendable (Visit<Query>, Look) async throws -> Found,
        finishing finish: @escaping @Sendable (Found, Visit<Query>, Request, Desk) async throws -> Output
    ) {
        let (desk, unknown) = (desk, routes.unknown)
        routes.answered(.get, pattern, .everyone, summary, query: Query.self, takes: Nothing.self, gives: gives) { request in
            let visit = try request.visit(Query.self, unknown: unknown)
            let found = try await desk.read(for: request.asker) { look in try await handle(visit, look) }
            return Routes.response(gives, try await finish(found, visit, request, desk)).unlessKnown(to: request)
        }
    }

    /// Declares a list that everybody may read.
    public mutating func visitPage<Query: PagedQuery, Found: Sendable, Item: PageItem>(
        _ pattern: String, _ summary: String, query: Query.Type, of item: Item.Type,
        _ handle: @escaping @Sendable (Visit<Query>, SliceRequest, Look) async throws -> Slice<Found>,
        show: @escaping @Sendable (Found, Visit<Query>, Desk) async throws -> Item
    ) {
        let (desk, list) = (desk, ListName(pattern: pattern))
        routes.answered(
            .get, pattern, .everyone, summary, query: Query.self, takes: Nothing.self, gives: .ok(Page<Item>.self)
        ) { request in
            let visit = try request.visit(Query.self, unknown: .refused)
            let slice = try visit.query.slice(of: list, at: desk)
            let body: @Sendable (Look) async throws -> Slice<Found> = { look in try await handle(visit, slice, look) }
            let asker = request.asker
            let found = slice.isCounted ? try await desk.survey(for: asker, body) : try await desk.read(for: asker, body)
            try slice.mustBe(of: found)
            var items: [Item] = []
            for each in found.items { items.append(try await show(each, visit, desk)) }
            var shown = Slice(items: items, next: found.next, total: found.total)
            shown.owner = found.owner
            let page = Page(shown, asked: visit.query, of: list, by: request, desk)
            return Routes.response(.ok(Page<Item>.self), page)
        }
    }
}

extension Page {
    /// A slice as the answer to who asked for it, with the address of the next.
    init<Query: PagedQuery>(_ slice: Slice<Item>, asked query: Query, of list: ListName, by request: Request, _ desk: Desk) {
        self.init()
        items = slice.items
        total = slice.total
        unread = slice.unread
        guard let cursor = query.cursor(after: slice, of: list, at: desk.cursors) else { return }
        next = cursor
        link = "\(request.path)?\(request.query(goingOnAt: cursor))"
    }
}
