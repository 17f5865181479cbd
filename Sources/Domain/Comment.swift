/// Something somebody wrote on a ticket.
public struct Comment: Sendable, Equatable {
    public typealias ID = Identifier<Comment>

    public var id: ID
    public var ticket: Ticket.ID
    public var author: Party
    public var content: String
    /// Addresses elsewhere that came with it. They are text: nobody here fetches them.
    public var links: [String]
    /// Files that lie here.
    public var attachments: [Attachment]
    public var type: CommentType
    public var createdAt: Moment
    public var updatedAt: Moment
    public var revision: Int

    public init(
        id: ID, ticket: Ticket.ID, author: Party, content: String, links: [String] = [], attachments: [Attachment] = [],
        type: CommentType, createdAt: Moment, updatedAt: Moment, revision: Int = 1
    ) {
        self.id = id
        self.ticket = ticket
        self.author = author
        self.content = content
        self.links = links
        self.attachments = attachments
        self.type = type
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }
}
