public import Codec
public import Domain
public import HTTP
public import Helpdesk

/// Declares the routes of somebody who asks the desk: what is read runs in `Desk.read`, what changes things in one transaction with its
/// events and, when the request has an `Idempotency-Key`, its answer.
///
///     desk.change(.post, "/tickets", .signedIn, "Opens a ticket", takes: NewTicket.self, gives: .created(TicketView.self)) { ask, work in
///         TicketView(try await work.open(ask.body.draft, as: ask.caller), for: ask.caller)
///     }
public struct DeskRoutes {
    public var routes: Routes
    public let desk: Desk

    public init(_ routes: Routes, _ desk: Desk) {
        self.routes = routes
        self.desk = desk
    }

    // MARK: - Reading

    /// - Parameters:
    ///   - page: answers a browser that asks without a credential, where `access` lets it pass.
    ///   - finishing: what is done with the answer outside of the database.
    public mutating func read<Query: Shaped, Output: Shaped>(
        _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, gives: Answer<Output>,
        page: (@Sendable (Request, Desk) async throws -> Response)? = nil,
        _ handle: @escaping @Sendable (Ask<Query, Nothing>, Look) async throws -> Output,
        finishing finish: (@Sendable (Output, Ask<Query, Nothing>, Desk) async throws -> Output)? = nil
    ) {
        let (desk, unknown) = (desk, routes.unknown)
        routes.answered(.get, pattern, access, summary, query: Query.self, takes: Nothing.self, gives: gives) { request in
            if let page, request.identity == nil { return try await page(request, desk) }
            let ask = Ask(
                caller: try request.mustBeSignedIn(), path: AskedPath(request),
                query: try request.query(as: Query.self, unknown: unknown), body: Nothing(), expectedRevision: nil)
            let found = try await desk.read(for: Asker(ask.caller)) { look in try await handle(ask, look) }
            let output = if let finish { try await finish(found, ask, desk) } else { found }
            return Routes.response(gives, output).unlessKnown(to: request)
        }
    }

    public mutating func read<Output: Shaped>(
        _ pattern: String, _ access: Access, _ summary: String, gives: Answer<Output>,
        _ handle: @escaping @Sendable (Ask<Nothing, Nothing>, Look) async throws -> Output
    ) {
        read(pattern, access, summary, query: Nothing.self, gives: gives, handle)
    }

    /// Gives a bare array, as dialects do, of what is so short that the most that there may be are one answer.
    public mutating func list<Query: Shaped, Item: Shaped>(
        _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, of _: Item.Type, atMost: Int,
        _ handle: @escaping @Sendable (Ask<Query, Nothing>, Look) async throws -> [Item]
    ) {
        let (desk, unknown) = (desk, routes.unknown)
        routes.answered(.get, pattern, access, summary, query: Query.self, givesListOf: Item.self, atMost: atMost) { request in
            let ask = Ask(
                caller: try request.mustBeSignedIn(), path: AskedPath(request),
                query: try request.query(as: Query.self, unknown: unknown), body: Nothing(), expectedRevision: nil)
            return .json(.ok, JSON.bytes(of: try await desk.read(for: Asker(ask.caller)) { look in try await handle(ask, look) }))
        }
    }

    /// Declares a dialect's routes: they stand behind ours, and ignore what they do not know.
    public mutating func dialect(_ declare: (inout DeskRoutes) -> Void) {
        routes.areDialect = true
        declare(&self)
        routes.areDialect = false
    }

    /// Declares routes whose handlers stand inside `middleware`, which is asked once the caller is known and before anything is read.
    public mutating func around(_ middleware: @escaping Middleware, _ declare: (inout DeskRoutes) -> Void) {
        let desk = desk
        routes.group("", around: [middleware]) { routes in
            var inner = DeskRoutes(routes, desk)
            declare(&inner)
            routes = inner.routes
        }
    }

    // MARK: - Changing

    /// - Parameter showsSecret: the answer shows something once, so it is not kept for repetitions.
    public mutating func change<Query: Shaped, Body: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, takes: Body.Type,
        gives: Answer<Output>, showsSecret: Bool = false,
        _ handle: @escaping @Sendable (Ask<Query, Body>, Work) async throws -> Output
    ) {
        change(
            method, pattern, access, summary, query: query, takes: takes, gives: gives, showsSecret: showsSecret,
            preparing: { _, _ in () },
            { ask, _, work in try await handle(ask, work) })
    }

    /// A change for which something must be made ready outside of its transaction, such as the hash of a password.
    public mutating func change<Query: Shaped, Body: Shaped, Output: Shaped, Ready: Sendable>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, takes: Body.Type,
        gives: Answer<Output>, showsSecret: Bool = false,
        preparing prepare: @escaping @Sendable (Ask<Query, Body>, Request) async throws -> Ready,
        _ handle: @escaping @Sendable (Ask<Query, Body>, Ready, Work) async throws -> Output
    ) {
        let (desk, unknown) = (desk, routes.unknown)
        routes.answered(method, pattern, access, summary, query: Query.self, takes: Body.self, gives: gives) { request in
            let query = try request.query(as: Query.self, unknown: unknown)
            let whole = try await request.wholeBody(as: Body.self)
            let body = Body.self == Nothing.self ? Body.shape.empty : try Body.read(json: whole, unknown: unknown)
            let ask = Ask(
                caller: try request.mustBeSignedIn(), path: AskedPath(request), query: query, body: body,
                expectedRevision: try request.expectedRevision())
            let ready = try await prepare(ask, request)
            guard let repeatable = try request.repeatable(by: ask.caller, whole) else {
                return Routes.response(gives, try await desk.write { work in try await handle(ask, ready, work) }).shown(to: ask.caller)
            }
            let outcome = try await desk.write(once: repeatable) { output in
                showsSecret ? nil : KeptAnswer(Routes.response(gives, output).shown(to: ask.caller))
            } _: { work in
                try await handle(ask, ready, work)
            }
            switch outcome {
            case .done(let output): return Routes.response(gives, output).shown(to: ask.caller)
            case .repeated(let answer): return Response(answer)
            }
        }
    }

    public mutating func change<Body: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, takes: Body.Type, gives: Answer<Output>,
        showsSecret: Bool = false, _ handle: @escaping @Sendable (Ask<Nothing, Body>, Work) async throws -> Output
    ) {
        change(
            method, pattern, access, summary, query: Nothing.self, takes: takes, gives: gives, showsSecret: showsSecret, handle)
    }

    public mutating func change<Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, gives: Answer<Output>, showsSecret: Bool = false,
        _ handle: @escaping @Sendable (Ask<Nothing, Nothing>, Work) async throws -> Output
    ) {
        change(
            method, pattern, access, summary, query: Nothing.self, takes: Nothing.self, gives: gives, showsSecret: showsSecret, handle)
    }
}

extension Request {
    /// Who asks, where the access check has let only somebody we know pass.
    public func mustBeSignedIn() throws -> Caller {
        guard let caller = identity as? Caller else { throw Refusal.unauthorized() }
        return caller
    }

    /// The body's bytes; none where the route takes none.
    func wholeBody<Body: Shaped>(as _: Body.Type) async throws -> ByteSlice? {
        Body.self == Nothing.self ? nil : try await wholeJSON()
    }
}

extension Response {
    /// The answer to a change as its caller may see it. It shows the whole thing that was changed, and an API key that is not for reading
    /// shall not read by writing: it is told where the thing is and what revision it has, and no more.
    func shown(to caller: Caller) -> Response {
        guard !caller.mayRead, status.rawValue < 300 else { return self }
        return Response(status == .created ? .created : .noContent, fields: fields)
    }
}

extension Shaped {
    static func read(json whole: ByteSlice?, unknown: Reading.Unknown) throws -> Self {
        guard let whole else { return shape.empty }
        do throws(Faults) {
            return try whole.withUnsafeBytes { (bytes) throws(Faults) in try shape.read(json: bytes, unknown: unknown) }
        } catch {
            throw Refusal.invalid(error)
        }
    }
}
