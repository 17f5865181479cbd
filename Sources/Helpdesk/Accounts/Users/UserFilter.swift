public import Domain

/// Which people a list shows.
public struct UserFilter: Sendable {
    /// One of these; none: whatever they are here.
    public var roles: [Role] = []
    public var isActive: Bool?
    /// What their name, address or username begins with, in either case.
    public var beginning: String?

    public init() {}
}
