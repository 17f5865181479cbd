internal import Codec
internal import Domain
public import HTTP
internal import Helpdesk

extension Refusal {
    /// What the desk's and the storage's errors are on the wire; nil for one that nobody foresaw.
    public init?(desk error: any Error) {
        switch error {
        case let error as DeskError: self.init(error)
        case let faults as Faults: self = .invalid(faults)
        case is FileStoreFault: self = .unavailable("Files cannot be kept or read now: please try again", retryAfter: 5)
        default:
            guard Desk.isPassing(error) else { return nil }
            self = .unavailable("The database is not there now: please try again")
        }
    }

    private init(_ error: DeskError) {
        switch error {
        case .notFound(let what): self = .notFound(what)
        case .unauthorized(let why): self = .unauthorized(why)
        case .forbidden(let why): self = .forbidden(why)
        case .conflict(let why): self = Refusal(.conflict, why)
        case .stale: self = Refusal(.preconditionFailed, "This was changed since: please read it again")
        case .unprocessable(let why): self = Refusal(.unprocessable, why)
        case .busy(let why): self = .unavailable(why)
        case .tooMany(let limit, let seconds): self = .rateLimit(limit, retryAfter: seconds)
        case .invalid(let fields):
            var faults = Faults()
            for field in fields { faults.add(Fault(field.kind, field.message, field.context, at: field.location)) }
            self = .invalid(faults)
        case .overtaken(let comments):
            self = Refusal(.conflict, "There are newer comments")
            details = [.init("comments", .list(comments.map { CommentView($0).json }))]
        }
    }

    /// 429 in the words of the contract: `3 per 1 minute`.
    static func rateLimit(_ limit: String, retryAfter seconds: Int) -> Refusal {
        Refusal(
            .tooManyRequests, "You are being ratelimited only \(limit) request are allowed",
            fields: [.init("retry-after", String(seconds))])
    }
}

extension InvalidField {
    /// Where in a text it is, for programs.
    fileprivate var context: [JSONValue.Member] {
        [line.map { .init("line", .integer($0)) }, column.map { .init("column", .integer($0)) }].compactMap { $0 }
    }
}
