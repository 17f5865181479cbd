/// Whose slow question it is. A person's questions run one at a time, and people take turns, so that one who asks a lot waits for their own
/// questions only.
public enum ScanOwner: Hashable, Sendable {
    /// The server's own work, of which several pieces may run at once.
    case server
    /// Somebody we know, by their id.
    case person(UInt128)
    /// Somebody we do not know, by a digest of the network that they come from.
    case network(UInt64)
}
