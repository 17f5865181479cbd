/// Why something was not done, in the desk's own words. Each face says it in its own way.
public enum DeskError: Error, Sendable, Equatable {
    /// There is no such thing, or the caller may not know that there is.
    case notFound(String)
    /// The credential is missing, bad or spent.
    case unauthorized(String)
    /// The caller may know of it, but not do this.
    case forbidden(String)
    /// It does not fit what is there: a known address, a move that is none.
    case conflict(String)
    /// What was sent is wrong, all of it at once.
    case invalid([InvalidField])
    /// The caller's copy is stale.
    case stale
    /// A key that was used for something else.
    case unprocessable(String)
    /// Too many tries; again after so many seconds.
    case tooMany(limit: String, retryAfter: Int)
    /// More than may be kept for the caller.
    case tooLarge(String)
    /// Not now: too much to do.
    case busy(String)
    /// Newer comments than the caller knows of.
    case overtaken([Comment])
}

/// One field that is wrong, and why. The kind is a word that programs know.
public struct InvalidField: Sendable, Equatable {
    public let location: String
    public let kind: String
    public let message: String
    /// Where in a text it is, where that helps: both from 1.
    public var line: Int?
    public var column: Int?

    public init(_ location: String, _ kind: String, _ message: String) {
        self.location = location
        self.kind = kind
        self.message = message
    }
}
