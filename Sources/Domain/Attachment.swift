/// A file on a comment, or one that waits for its comment.
public struct Attachment: Sendable, Equatable {
    public typealias ID = Identifier<Attachment>

    public var id: ID
    /// What it is called: made harmless by `FileName`.
    public var name: String
    public var size: Int
    /// What it is served as: see `FileType`.
    public var type: FileType
    /// Where it can be had for a while, without a credential; empty until it is shown to somebody.
    public var url: String

    public init(id: ID, name: String, size: Int, type: FileType, url: String = "") {
        self.id = id
        self.name = name
        self.size = size
        self.type = type
        self.url = url
    }
}
