internal import Storage

/// Why the database did not do what was asked, where the same request may well succeed later.
public enum DatabaseTrouble: Sendable, Equatable {
    /// It cannot be reached, or its disk gives errors.
    case away
    /// More waits for it than may wait.
    case busy
    /// Somebody else's change held what this one needs.
    case locked
    /// There is no room left on its disk.
    case full
    /// It took longer than it may.
    case slow

    /// Nil for an error that does not pass, and for one that is not the database's.
    public init?(_ error: any Error) {
        switch error as? StorageFault {
        case .unavailable, .diskError: self = .away
        case .busy: self = .busy
        case .locked: self = .locked
        case .full: self = .full
        case .timeout: self = .slow
        case .damaged, .constraint, .broken, nil: return nil
        }
    }
}
