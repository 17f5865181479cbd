/// What can go wrong between a use case and its database. A use case does not handle these: it lets them pass, and a face answers.
public enum StorageFault: Error, Equatable, Sendable {
    /// The database cannot be reached or is too busy, with a word why. Try again later: 503.
    case unavailable(String)
    /// There is no room left where the database lives. Reads go on; writes are 503.
    case full
    /// The statement took longer than it may.
    case timeout
    /// A constraint of the schema refused the change. By our rules a bug: what may collide is written `ON CONFLICT DO NOTHING RETURNING`.
    case constraint(String)
    /// Something that a correct program with a sound database never sees, with the engine's own words.
    case broken(String)

    /// Whether the same request may well succeed later: a face answers 503 and not 500.
    public var isPassing: Bool {
        switch self {
        case .unavailable, .full, .timeout: true
        case .constraint, .broken: false
        }
    }
}

extension StorageFault: CustomStringConvertible {
    /// One line for the log; never shown to a caller, since an engine's words may quote what was stored.
    public var description: String {
        switch self {
        case .unavailable(let why): "the database is unavailable: \(why)"
        case .full: "there is no room left for the database"
        case .timeout: "the database took too long"
        case .constraint(let name): "the constraint \(name) was violated"
        case .broken(let what): "the database failed: \(what)"
        }
    }
}
