internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// A comment as its reader sees it.
struct CommentView: Shaped, WithFields {
    var comment: Comment
    /// Whether it was made just now, so that the answer says where it is.
    var isNew = false
    /// The text as HTML, where it was asked for.
    var html: String?

    init(_ comment: Comment) { self.comment = comment }

    static let blank = Comment(
        id: Comment.ID(0), ticket: Ticket.ID(0), author: PartyView.nobody, content: "", type: .public, createdAt: Moment(0),
        updatedAt: Moment(0))

    static let shape = Shape("Comment", "Something somebody wrote on a ticket", CommentView(blank)) {
        Field("id", \.comment.id, .id(Comment.self), "Id")
        Field("ticket_id", \.comment.ticket, .id(Ticket.self), "The ticket")
        Field("author", \.comment.author, AuthorView.kind, "Who wrote it")
        Field("content", \.comment.content, .text(1...65_536), "The text, in Markdown")
        Field("content_html", \.html, Kind<String>.text(0...Int.max).orAbsent, "The text as HTML, with `include=html`")
        Field("comment_type", \.comment.type, .word(CommentType.self), "Whether it reaches the customer")
        Field(
            "attachments", from: { $0.comment.attachments.map { AttachmentView($0) } + $0.comment.links.map { AttachmentView(url: $0) } },
            Kind<[AttachmentView]>.list(of: .object(AttachmentView.self), atMost: 40), "Files, and addresses of files elsewhere")
        Field("created_at", \.comment.createdAt, .moment, "When it was written")
        Field("updated_at", \.comment.updatedAt, .moment, "When it was last changed")
    }

    var fields: [Response.Field] {
        let tag = EntityTag(revision: comment.revision, view: view, with: [comment.author.name]).field
        return isNew ? [tag, .init("location", "/tickets/\(comment.ticket.text)/comments/\(comment.id.text)")] : [tag]
    }

    /// Addresses of files change while the comment does not.
    private var view: String {
        let form = html == nil ? "a" : "x"
        guard let url = comment.attachments.first?.url, let start = url.firstIndex(of: "=") else { return form }
        return form + url[url.index(after: start)...].prefix { $0 != "&" }
    }

    var json: JSONValue { (try? JSONValue(parsing: JSON.bytes(of: self), ours: true)) ?? .null }
}

/// Whoever wrote a comment.
struct AuthorView: Shaped {
    var party: Party

    static let shape = Shape("Author", "Whoever wrote a comment", AuthorView(party: PartyView.nobody)) {
        Field("id", \.party.id, .id(Person.self), "Id")
        Field("name", \.party.name, .text(0...201), "What they are called")
        Field("role", \.party.role, .word(Role.self), "What they are here")
    }

    static var kind: Kind<Party> {
        Kind<AuthorView>.object(AuthorView.self).converted(to: { .success($0.party) }, from: { AuthorView(party: $0) })
    }
}
