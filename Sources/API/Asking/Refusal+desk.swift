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
            guard let trouble = DatabaseTrouble(error) else { return nil }
            self = .unavailable(trouble.sentence)
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
        case .tooLarge(let why): self = Refusal(.payloadTooLarge, why)
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

extension DatabaseTrouble {
    /// For whoever asked. What lies behind it is in the log, for the operator.
    var sentence: String {
        switch self {
        case .away: "The database cannot be reached now: please try again"
        case .busy: "Too much waits for the database now: please try again"
        case .locked: "Another change holds what this one needs: please try again"
        case .full: "The disk of the database is full: nothing can be changed until there is room"
        case .slow: "The database took too long: please ask for less, or try again"
        }
    }
}
