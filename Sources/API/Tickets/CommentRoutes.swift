internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/tickets/{ticket}/comments`: what is said on a ticket.
public enum CommentRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.routes.parameter("comment", .word("uuid"), "A comment, by id")
        desk.change(
            .post, "/tickets/{ticket}/comments", .signedIn, "Writes on a ticket", takes: NewComment.self, gives: .created(CommentView.self)
        ) { ask, work in
            let comment = try await work.comment(
                ask.body.draft, on: ask.path.ticket, expecting: ask.expectedRevision, as: ask.caller)
            var view = CommentView(comment)
            view.isNew = true
            return view
        }
        desk.page(
            ListName.comments.pattern, .signedIn, "Lists what is said on a ticket, oldest first", query: CommentQuery.self,
            of: CommentView.self
        ) { ask, slice, look in
            try await look.comments(on: ask.path.ticket, slice, as: ask.caller)
        } show: { comment, _ in
            CommentView(comment)
        } finishing: { views, ask, desk in
            var views = views
            if !ask.query.parts.isEmpty { try await views.addHTML(at: desk) }
            return views
        }
        desk.read(
            "/tickets/{ticket}/comments/{comment}", .signedIn, "Gives a comment", query: CommentParts.self, gives: .ok(CommentView.self)
        ) { ask, look in
            CommentView(try await look.comment(ask.path.comment, on: ask.path.ticket, as: ask.caller))
        } finishing: { view, ask, desk in
            var view = view
            if !ask.query.parts.isEmpty { try await view.addHTML(at: desk) }
            return view
        }
        desk.change(
            .patch, "/tickets/{ticket}/comments/{comment}", .signedIn, "Puts a comment's words right", takes: CommentEdit.self,
            gives: .ok(CommentView.self)
        ) { ask, work in
            let comment = try await work.edit(
                ask.path.comment, on: ask.path.ticket, content: ask.body.content, expecting: ask.expectedRevision, as: ask.caller)
            return CommentView(comment)
        }
        desk.change(
            .delete, "/tickets/{ticket}/comments/{comment}", .signedIn, "Takes a comment away", gives: .noContent
        ) { ask, work in
            try await work.delete(ask.path.comment, on: ask.path.ticket, expecting: ask.expectedRevision, as: ask.caller)
            return Nothing()
        }
    }
}

extension CommentView: PageItem {
    static let page = Page<CommentView>.shape("CommentPage", "A page of comments")
}

/// What a comment or an article is given with.
enum TextPart: String, CaseIterable, Word {
    case html
}

struct CommentParts: Shaped {
    var parts: [TextPart] = []

    static let shape = Shape("CommentParts", "What a comment is given with", CommentParts()) {
        Field("include", \.parts, .list(of: .word(TextPart.self), atMost: 10), "`html`: the text as HTML too", required: false)
    }
}

/// The query of a list of comments.
struct CommentQuery: PagedQuery {
    var parts: [TextPart] = []
    var paging = Paging()

    var list: CommentQuery { CommentQuery() }
    var bytes: Int { parts.isEmpty ? SliceRequest.mostBytes : SliceRequest.mostBytesWithHTML }

    static let shape = Shape("CommentQuery", "Which page of comments", CommentQuery()) {
        Field("include", \.parts, .list(of: .word(TextPart.self), atMost: 10), "`html`: the texts as HTML too", required: false)
        Field.all(of: \.paging, Paging.fields)
    }
}

/// What somebody writes on a ticket.
struct NewComment: Shaped {
    var draft = CommentDraft()

    static let shape = Shape("NewComment", "What somebody writes on a ticket", NewComment()) {
        Field("content", \.draft.content, .text(1...65_536), "The text, in Markdown")
        Field("comment_type", \.draft.type, .word(CommentType.self), "Whether it reaches the customer", required: false)
        Field(
            "attachments", \.draft.attachments, .list(of: .id(Attachment.self), atMost: 20), "Files that the writer has sent before",
            required: false)
        Field(
            "after_comment_id", \.draft.after, Kind<Comment.ID>.id(Comment.self).optional,
            "The last public comment that the writer has read; refused with 409 when there are newer ones")
    }
}

/// What a comment shall say.
struct CommentEdit: Shaped {
    var content = ""

    static let shape = Shape("CommentEdit", "What a comment shall say", CommentEdit()) {
        Field("content", \.content, .text(1...65_536), "The text, in Markdown")
    }
}
