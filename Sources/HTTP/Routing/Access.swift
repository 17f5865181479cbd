/// Who may call a route. The words are the faces' own: they add theirs in an extension, and check them in `Routes.guard`.
public struct Access: Sendable, Hashable {
    /// The word for it, in documents and in the permission matrix.
    public let name: String
    /// Whether a caller without a credential is refused.
    public let needsCredential: Bool

    public init(_ name: String, needsCredential: Bool) {
        self.name = name
        self.needsCredential = needsCredential
    }

    public static let everyone = Access("everyone", needsCredential: false)
}
