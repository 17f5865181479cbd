internal import Domain
internal import Storage

// How comments are read and written. Everybody who reads a whole comment reads it here.

extension SQL {
    /// The columns of a comment with those of its author, in the order in which `Row.comment` reads them.
    static var commentColumns: SQL {
        """
        c.id, c.ticket_id, c.author_id, p.name, p.email, p.role, c.content, c.links, c.attachments, c.is_private, c.created_at, c.updated_at,
        c.revision
        """
    }

    /// Comments and who wrote them, for the columns above.
    static var commentsWithAuthors: SQL { "comments c JOIN people p ON p.id = c.author_id" }
}

extension Row {
    mutating func comment() -> Comment {
        Comment(
            id: id(), ticket: id(), author: Party(id: id(), name: text(), email: optionalText(), role: word()), content: text(),
            links: texts(), attachments: attachments(), type: bool() ? .private : .public, createdAt: moment(), updatedAt: moment(),
            revision: int())
    }
}

extension Connection {
    /// A comment of that ticket. Throws `.notFound`; what was deleted is not there.
    func comment(_ id: Comment.ID, on ticket: Ticket.ID) async throws -> Comment {
        let comment = try await first(
            """
            SELECT \(.commentColumns) FROM \(.commentsWithAuthors)
            WHERE c.id = \(id) AND c.ticket_id = \(ticket) AND c.deleted_at IS NULL
            """
        ) { $0.comment() }
        guard let comment else { throw DeskError.notFound("Comment not found") }
        return comment
    }

    func insert(_ comment: Comment) async throws {
        try await runSoon(
            """
            INSERT INTO comments (id, ticket_id, author_id, content, is_private, created_at, updated_at, deleted_at, revision, links, attachments)
            VALUES (
                \(comment.id), \(comment.ticket), \(comment.author.id), \(comment.content), \(comment.type == .private),
                \(comment.createdAt), \(comment.updatedAt), \(Moment?.none), \(comment.revision), \(stored(comment.links)),
                \(AttachmentSnapshot.stored(comment.attachments)))
            """)
    }

    func save(_ comment: Comment) async throws {
        try await runSoon(
            """
            UPDATE comments SET content = \(comment.content), updated_at = \(comment.updatedAt), revision = \(comment.revision)
            WHERE id = \(comment.id)
            """)
    }

    /// Takes a comment out of all that is read. Its words go at once; its row stays, for who asks what is newer than it.
    func delete(_ comment: Comment, at now: Moment) async throws {
        try await runSoon(
            """
            UPDATE comments SET content = '', links = '[]', attachments = '[]', deleted_at = \(now), updated_at = \(now)
            WHERE id = \(comment.id)
            """)
        // What it said before it was put right goes as well.
        try await runSoon("UPDATE events SET old_text = NULL WHERE object_id = \(comment.id) AND old_text IS NOT NULL")
    }
}
