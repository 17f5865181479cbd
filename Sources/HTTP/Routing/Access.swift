/// Who may call a route. The words are the faces' own: they add theirs in an extension, and check them in `Routes.guard`.
public struct Access: Sendable, Hashable {
    /// The word for it, in documents and in the permission matrix.
    public let name: String
    /// Whether a caller without a credential is refused.
    public let needsCredential: Bool

    /// Whether a credential is not even looked at, so that a bad one is no reason to refuse.
    public let ignoresCredential: Bool

    public init(_ name: String, needsCredential: Bool) {
        self.init(name, needsCredential: needsCredential, ignoresCredential: false)
    }

    private init(_ name: String, needsCredential: Bool, ignoresCredential: Bool) {
        self.name = name
        self.needsCredential = needsCredential
        self.ignoresCredential = ignoresCredential
    }

    public static let everyone = Access("everyone", needsCredential: false)
    /// Everyone, whatever stands in `Authorization`: who watches the server, or reads its description, asks with whatever they have.
    public static let open = Access("open", needsCredential: false, ignoresCredential: true)
}
