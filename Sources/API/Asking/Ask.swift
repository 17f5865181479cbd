internal import Codec
public import Domain
public import HTTP

/// A request by somebody we know, read and checked, and cut loose from its connection: what a use case is called with.
public struct Ask<Query: Sendable, Body: Sendable>: Sendable {
    public let caller: Caller
    public let path: AskedPath
    public let query: Query
    public let body: Body
    /// The revision that `If-Match` asks the thing to have; nil when any will do.
    public let expectedRevision: Int?

    @inlinable init(caller: Caller, path: AskedPath, query: Query, body: Body, expectedRevision: Int?) {
        self.caller = caller
        self.path = path
        self.query = query
        self.body = body
        self.expectedRevision = expectedRevision
    }
}

/// The values of a path's parameters, by name: `try ask.path.ticket`. What does not parse names nothing, so it throws `.notFound`.
@dynamicMemberLookup
public struct AskedPath: Sendable {
    private let values: [(name: String, value: String)]

    init(_ request: Request) { values = request.pathTexts }

    public subscript<Value: PathParameter>(dynamicMember name: String) -> Value {
        get throws {
            guard let text = values.first(where: { $0.name == name })?.value else {
                preconditionFailure("this route has no parameter \(name)")
            }
            guard let value = Value(path: text) else { throw Refusal.notFound() }
            return value
        }
    }
}

extension Identifier: PathParameter {
    public init?(path text: String) {
        guard let id = UUID(text) else { return nil }
        self.init(UInt128(id.high) << 64 | UInt128(id.low))
    }
}

extension TicketName: PathParameter {
    /// An id, or a number.
    public init?(path text: String) {
        if let number = Int(path: text) {
            self = .number(number)
        } else if let id = Ticket.ID(path: text) {
            self = .id(id)
        } else {
            return nil
        }
    }
}
