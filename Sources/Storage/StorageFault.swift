/// What can go wrong between a use case and its database. A use case does not handle these: it lets them pass, and a face answers.
public enum StorageFault: Error, Equatable, Sendable {
    /// The database cannot be reached or is too busy, with a word why. Try again later: 503.
    case unavailable(String)
    /// The database is there, and more waits for it than may wait. Try again later: 503.
    case busy(String)
    /// Another transaction, or another process, held what is to be changed for longer than a change waits.
    case locked
    /// There is no room left where the database lives. Reads go on; writes are 503.
    case full
    /// The statement took longer than it may.
    case timeout
    /// The disk gave an error, with the engine's words.
    case diskError(String)
    /// What is stored is damaged, with the engine's words. Only a backup helps.
    case damaged(String)
    /// A constraint of the schema refused the change. By our rules a bug: what may collide is written `ON CONFLICT DO NOTHING RETURNING`.
    case constraint(String)
    /// Something that a correct program with a sound database never sees, with the engine's own words.
    case broken(String)

    /// Whether the same request may well succeed later: a face answers 503 and not 500.
    public var isPassing: Bool {
        switch self {
        case .unavailable, .busy, .locked, .full, .timeout, .diskError: true
        case .damaged, .constraint, .broken: false
        }
    }
}

extension StorageFault: CustomStringConvertible {
    /// One line for the log; never shown to a caller, since an engine's words may quote what was stored.
    public var description: String {
        switch self {
        case .unavailable(let why): "the database is unavailable: \(why)"
        case .busy(let why): "the database is busy: \(why)"
        case .locked: "another transaction or process held what was to be changed"
        case .diskError(let words): "the disk of the database failed: \(words)"
        case .damaged(let words): "the database is damaged: \(words)"
        case .full: "there is no room left for the database"
        case .timeout: "the database took too long"
        case .constraint(let name): "the constraint \(name) was violated"
        case .broken(let what): "the database failed: \(what)"
        }
    }
}
