public import Codec

/// The routes of a server, as they are declared.
///
///     routes.on(.get, "/health", .everyone, "Is the server up?", gives: .ok(Health.self)) { call in … }
///
/// Groups share the beginning of their paths and the middleware around their handlers:
///
///     routes.group("/knowledge-base", around: [counted]) { routes in … }
public struct Routes {
    /// Checks whether the request's caller may call; throws a `Refusal`. Set by the face that knows callers. Asked for every route but
    /// those that are `.open`: a bad credential is refused even where none is needed, and limits are everybody's.
    public typealias Guard = @Sendable (Access, Request) async throws -> Void

    public private(set) var all: [Route] = []
    /// For each name that stands in braces in a path: what it is, for the document.
    public private(set) var parameters: [String: PathParameterNote] = [:]
    let mayCall: Guard
    private var prefix = ""
    private var around: [Middleware] = []
    /// Whether the routes declared now are a dialect's: they ignore parameters and fields that they do not know, and where one of ours
    /// has their method and path, that one is asked first. See `Router`.
    public var areDialect = false
    /// What becomes of parameters and fields that a route does not know: a typo must not be ignored, but a dialect's clients come as
    /// they are.
    public var unknown: Reading.Unknown { areDialect ? .ignored : .refused }

    /// What the document says of a path's parameter.
    public struct PathParameterNote: Sendable {
        public let schema: Schema
        public let summary: String
    }

    public init(guard mayCall: @escaping Guard) { self.mayCall = mayCall }

    /// Says what a name in braces stands for; each name once, before the first route that uses it.
    public mutating func parameter(_ name: String, _ schema: Schema, _ summary: String) {
        parameters[name] = PathParameterNote(schema: schema, summary: summary)
    }

    /// Declares routes whose paths begin with `prefix` and whose handlers stand inside `around`, the first outermost.
    public mutating func group(_ prefix: String, around: [Middleware] = [], _ declare: (inout Routes) -> Void) {
        let outer = (self.prefix, self.around)
        self.prefix += prefix
        self.around += around
        declare(&self)
        (self.prefix, self.around) = outer
    }

    // MARK: - Routes with shapes

    /// A route with a query and a body.
    //
    // These are inlinable, so that reading and writing are compiled for each route's own types, in the module that declares it.
    @inlinable public mutating func on<Query: Shaped, Body: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, takes: Body.Type,
        gives: Answer<Output>,
        _ handle: @escaping @Sendable (Call<Query, Body>) async throws -> Output
    ) {
        let takesQuery = Query.self != Nothing.self
        let takesBody = Body.self != Nothing.self
        let output = Self.output(gives)
        let unknown = unknown
        add(
            method, pattern, access, summary, query: takesQuery ? Query.shape.outline : nil, input: takesBody ? Body.shape.schema : nil,
            output: output,
            .waiting { request in
                let query = try request.query(as: Query.self, unknown: unknown)
                let body = takesBody ? try await request.readJSON(as: Body.self, unknown: unknown) : Body.shape.empty
                return Self.response(gives, try await handle(Call(request: request, query: query, body: body)))
            })
    }

    /// The answer that a route gives when all goes well.
    @inlinable public static func response<Output: Shaped>(_ gives: Answer<Output>, _ result: Output) -> Response {
        var response = gives.status.isBodiless ? Response(gives.status) : .json(gives.status, JSON.bytes(of: result))
        if Output.self is any WithFields.Type, let result = result as? any WithFields { response.fields = result.fields }
        return response
    }

    /// A route that reads no body and answers without waiting.
    @inlinable public mutating func on<Query: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, gives: Answer<Output>,
        _ handle: @escaping @Sendable (Call<Query, Nothing>) throws -> Output
    ) {
        let takesQuery = Query.self != Nothing.self
        let unknown = unknown
        add(
            method, pattern, access, summary, query: takesQuery ? Query.shape.outline : nil, input: nil, output: Self.output(gives),
            .atOnce { request in
                let query = try request.query(as: Query.self, unknown: unknown)
                return Self.response(gives, try handle(Call(request: request, query: query, body: Nothing())))
            })
    }

    @inlinable public mutating func on<Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, gives: Answer<Output>,
        _ handle: @escaping @Sendable (Call<Nothing, Nothing>) throws -> Output
    ) {
        on(method, pattern, access, summary, query: Nothing.self, gives: gives, handle)
    }

    @usableFromInline static func output<Output: Shaped>(_ gives: Answer<Output>) -> RouteOutput {
        let isBodiless = gives.status.isBodiless
        return RouteOutput(status: gives.status, type: isBodiless ? nil : .json, schema: isBodiless ? nil : Output.shape.schema)
    }

    /// A route with a body.
    @inlinable public mutating func on<Body: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, takes: Body.Type, gives: Answer<Output>,
        _ handle: @escaping @Sendable (Call<Nothing, Body>) async throws -> Output
    ) {
        on(method, pattern, access, summary, query: Nothing.self, takes: takes, gives: gives, handle)
    }

    /// A route with a query.
    @inlinable public mutating func on<Query: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, gives: Answer<Output>,
        _ handle: @escaping @Sendable (Call<Query, Nothing>) async throws -> Output
    ) {
        on(method, pattern, access, summary, query: query, takes: Nothing.self, gives: gives, handle)
    }

    /// A route with neither.
    @inlinable public mutating func on<Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, gives: Answer<Output>,
        _ handle: @escaping @Sendable (Call<Nothing, Nothing>) async throws -> Output
    ) {
        on(method, pattern, access, summary, query: Nothing.self, takes: Nothing.self, gives: gives, handle)
    }

    // MARK: - Routes that write their own answer

    /// A route that reads its query and body itself, with `Request.readQuery` and `readJSON`, and writes its own answer of a declared
    /// shape: for a face that has rules of its own between a request and its answer.
    public mutating func answered<Query: Shaped, Body: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, takes: Body.Type,
        gives: Answer<Output>, _ handle: @escaping Handler
    ) {
        add(
            method, pattern, access, summary, query: Query.self == Nothing.self ? nil : Query.shape.outline,
            input: Body.self == Nothing.self ? nil : Body.shape.schema, output: Self.output(gives), .waiting(handle))
    }

    /// The same with a bare array for an answer, as dialects give.
    public mutating func answered<Query: Shaped, Item: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: Query.Type, givesListOf _: Item.Type, atMost: Int,
        _ handle: @escaping Handler
    ) {
        let output = RouteOutput(status: .ok, type: .json, schema: .list(Item.shape.schema, atMost: atMost))
        add(
            method, pattern, access, summary, query: Query.self == Nothing.self ? nil : Query.shape.outline, input: nil, output: output,
            .waiting(handle))
    }

    /// A route that takes a form with files, and reads it itself as it comes: see `MultipartBody`.
    public mutating func upload<Form: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, form: Form.Type, gives: Answer<Output>,
        _ handle: @escaping Handler
    ) {
        add(
            method, pattern, access, summary, query: nil, input: Form.shape.schema, inputType: "multipart/form-data",
            output: Self.output(gives), .waiting(handle))
    }

    /// A route that takes a form.
    @inlinable public mutating func form<Body: Shaped, Output: Shaped>(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, takes: Body.Type, gives: Answer<Output>,
        unknown: Reading.Unknown = .refused, _ handle: @escaping @Sendable (Call<Nothing, Body>) async throws -> Output
    ) {
        add(
            method, pattern, access, summary, query: nil, input: Body.shape.schema, inputType: Form.mediaType, output: Self.output(gives),
            unknown: unknown,
            .waiting { request in
                try request.refuseQuery()
                let body = try await request.readForm(as: Body.self, unknown: unknown)
                return Self.response(gives, try await handle(Call(request: request, query: Nothing(), body: body)))
            })
    }

    /// A form that a page of ours sends, and that a page answers: what is wrong with it is for `handle` to show to people.
    @inlinable public mutating func form<Body: Shaped>(
        _ pattern: String, _ access: Access, _ summary: String, from _: Body.Type, gives type: MediaType,
        _ handle: @escaping @Sendable (Request, Result<Body, Refusal>) async throws -> Response
    ) {
        let output = RouteOutput(status: .ok, type: type, schema: nil)
        add(
            .post, pattern, access, summary, query: nil, input: Body.shape.schema, inputType: Form.mediaType, output: output,
            .waiting { request in
                let sent: Result<Body, Refusal>
                do {
                    sent = .success(try await request.readForm(as: Body.self, unknown: .ignored))
                } catch let refusal as Refusal {
                    sent = .failure(refusal)
                }
                return try await handle(request, sent)
            })
    }

    /// A route whose answer is no JSON of a declared shape: a page, a stream, a session.
    public mutating func raw(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, gives type: MediaType?, status: Status = .ok,
        notes: RouteNotes = RouteNotes(), takesOtherMethods: Bool = false, _ handle: @escaping Handler
    ) {
        let output = RouteOutput(status: status, type: type, schema: nil)
        add(
            method, pattern, access, summary, query: notes.query, input: nil, output: output, notes: notes, .waiting(handle),
            takesOtherMethods: takesOtherMethods)
    }

    /// Says for the document that the route declared last refuses with this too, where nothing else about it says so.
    public mutating func alsoRefuses(with statuses: Status...) {
        guard let last = all.popLast() else { return }
        all.append(last.also(refusing: Set(statuses)))
    }

    /// Says for the document that the route declared last answers with this too when all goes well: a part of the same, or with a redirect,
    /// which has no body, where it is.
    public mutating func alsoGives(_ status: Status) {
        guard let last = all.popLast() else { return }
        let isRedirect = (300..<400).contains(status.rawValue)
        let output = RouteOutput(status: status, type: isRedirect ? nil : last.output.type, schema: isRedirect ? nil : last.output.schema)
        all.append(last.also(giving: [output]))
    }

    @usableFromInline mutating func add(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: ShapeOutline?, input: Schema?,
        inputType: StaticString = "application/json", output: RouteOutput, notes: RouteNotes = RouteNotes(),
        unknown: Reading.Unknown = .refused, _ answering: Answering, takesOtherMethods: Bool = false
    ) {
        var answering = answering
        for wrap in around.reversed() { answering = .waiting(wrap(answering.handler)) }
        let path = prefix + pattern
        let refusesUnknown = if case .refused = unknown { !areDialect } else { false }
        for name in RoutePattern(path).names {
            precondition(parameters[name] != nil, "\(path): nobody has said what {\(name)} is")
        }
        all.append(
            Route(
                method, path, access, summary, query: query, input: input, inputType: inputType, output: output, notes: notes,
                isDialect: areDialect, refusesUnknown: refusesUnknown, index: all.count + 1, answering: answering,
                takesOtherMethods: takesOtherMethods))
    }
}

/// A path with names in braces, taken apart.
struct RoutePattern {
    enum Part: Equatable {
        case literal([UInt8])
        case parameter(String)
    }

    let parts: [Part]

    init(_ text: String) {
        precondition(text.utf8.first == UInt8(ascii: "/"), "\(text): a path begins with /")
        parts = text.split(separator: "/").map { part in
            part.first == "{" && part.last == "}" ? .parameter(String(part.dropFirst().dropLast())) : .literal(Array(part.utf8))
        }
    }

    var names: [String] { parts.compactMap { if case .parameter(let name) = $0 { name } else { nil } } }
}
