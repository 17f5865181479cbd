public import Codec

public typealias Handler = @Sendable (Request) async throws -> Response

/// How a route answers.
public enum Answering: Sendable {
    /// Without waiting for anything, so without a task's machinery around it.
    case atOnce(@Sendable (Request) throws -> Response)
    case waiting(Handler)

    /// As a handler that may wait, for those who stand around it.
    var handler: Handler {
        switch self {
        case .atOnce(let answer): { request in try answer(request) }
        case .waiting(let handler): handler
        }
    }
}

/// What stands around a handler: it may look at the request first, change the answer, or answer itself.
public typealias Middleware = @Sendable (@escaping Handler) -> Handler

/// A route: all that a reader, the permission matrix and the OpenAPI document need to know of it, said once.
public final class Route: Sendable {
    public let method: Method
    /// As it was declared: `/tickets/{ticket}`.
    public let pattern: String
    public let access: Access
    /// One sentence: what it does.
    public let summary: String
    public let query: ShapeOutline?
    public let input: Schema?
    /// The type of the body it takes.
    public let inputType: StaticString
    public let output: RouteOutput
    let notes: RouteNotes
    /// Whether it speaks as another server did. Where one of ours has its method and path, that one is asked first.
    public let isDialect: Bool
    /// Whether it refuses body fields that it does not know.
    public let refusesUnknown: Bool
    /// What it refuses with beside what follows from all of this, for the document.
    public let otherRefusals: Set<Status>
    /// What else it answers with when all goes well, for the document.
    public let otherOutputs: [RouteOutput]
    /// Its place in the tables of counters; 0 is for requests without a route.
    public let index: Int
    let answering: Answering
    /// Whether it also gets requests with methods that no route of its path has: for a protocol that says itself what becomes of them.
    let takesOtherMethods: Bool

    init(
        _ method: Method, _ pattern: String, _ access: Access, _ summary: String, query: ShapeOutline?, input: Schema?,
        inputType: StaticString, output: RouteOutput, notes: RouteNotes = RouteNotes(), isDialect: Bool, refusesUnknown: Bool,
        otherRefusals: Set<Status> = [], otherOutputs: [RouteOutput] = [], index: Int, answering: Answering, takesOtherMethods: Bool = false
    ) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.summary = summary
        self.query = query
        self.input = input
        self.inputType = inputType
        self.output = output
        self.notes = notes
        self.isDialect = isDialect
        self.refusesUnknown = refusesUnknown
        self.otherRefusals = otherRefusals
        self.otherOutputs = otherOutputs
        self.index = index
        self.answering = answering
        self.takesOtherMethods = takesOtherMethods
    }

    /// The same route, which refuses with this and answers with that too.
    func also(refusing statuses: Set<Status> = [], giving outputs: [RouteOutput] = []) -> Route {
        Route(
            method, pattern, access, summary, query: query, input: input, inputType: inputType, output: output, notes: notes,
            isDialect: isDialect, refusesUnknown: refusesUnknown, otherRefusals: otherRefusals.union(statuses),
            otherOutputs: otherOutputs + outputs, index: index, answering: answering, takesOtherMethods: takesOtherMethods)
    }
}

/// What a route answers when all goes well, for the document.
public struct RouteOutput: Sendable {
    public let status: Status
    public let type: MediaType?
    public let schema: Schema?

    @usableFromInline init(status: Status, type: MediaType?, schema: Schema?) {
        self.status = status
        self.type = type
        self.schema = schema
    }
}

/// What a route gives: a status, and the shape of the body.
public struct Answer<Output: Shaped>: Sendable {
    public let status: Status

    public static func ok(_: Output.Type) -> Answer { Answer(status: .ok) }
    public static func created(_: Output.Type) -> Answer { Answer(status: .created) }
    public static func accepted(_: Output.Type) -> Answer { Answer(status: .accepted) }
}

extension Answer where Output == Nothing {
    /// 204, and no body.
    public static var noContent: Answer { Answer(status: .noContent) }
}

/// The shape of what is not there: no body, no query.
public struct Nothing: Shaped {
    public init() {}
    public static let shape = Shape("Nothing", "Nothing at all", Nothing()) {}
}

/// An output that is answered with header fields of its own: the `Location` of what was made, an `ETag`, a `Link` to the next page.
public protocol WithFields {
    var fields: [Response.Field] { get }
}

/// A call of a route: the request, with its query and body read and checked.
public struct Call<Query: Shaped, Body: Shaped> {
    public let request: Request
    public let query: Query
    public let body: Body

    @inlinable init(request: Request, query: Query, body: Body) {
        self.request = request
        self.query = query
        self.body = body
    }

    /// The path's parameters: `try call.path.ticket`, as the type that the place asks for.
    public var path: PathValues { PathValues(request: request) }
}
