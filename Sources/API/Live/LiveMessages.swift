internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension LiveRoutes {
    /// The public comments of a ticket.
    static func declareMessages(in desk: inout DeskRoutes, _ limits: LiveLimits) {
        desk.around(limits.limiting("writes", to: 15)) { desk in
            desk.change(
                .post, "/api/v1/tickets/{ticket}/messages", .signedInByToken, "Writes on a ticket that is not closed",
                takes: LiveMessageDraft.self, gives: .created(LiveMessage.self)
            ) { ask, work in
                let draft = ask.body.draft(at: work)
                let comment = try await work.comment(draft, on: ask.path.ticket, as: ask.caller)
                return LiveMessage(comment, try await work.look.issuersIDs(of: [comment.author.id]), isNew: true)
            }
        }
        desk.around(limits.limiting("reads messages", to: 15)) { desk in
            desk.bareArray(
                "/api/v1/tickets/{ticket}/messages", .signedInByToken, "Lists what is said in public on a ticket, oldest first",
                query: LiveLimit.self, of: LiveMessage.self, atMost: mostItems
            ) { ask, slice, look in
                let comments = try await look.publicComments(on: ask.path.ticket, slice, as: ask.caller)
                let ids = try await look.issuersIDs(of: comments.items.map(\.author.id))
                return comments.map { LiveMessage($0, ids) }
            }
        }
    }
}

struct LiveMessageDraft: Shaped {
    var content = ""
    var attachments: [String] = []

    /// What it says as a comment: a file of ours is named by its id or by an address that we gave it, all else lies elsewhere.
    func draft(at work: Work) -> CommentDraft {
        var draft = CommentDraft()
        draft.refusesClosed = true
        draft.content = content
        for (place, name) in attachments.enumerated() {
            if let id = Attachment.ID(path: name) ?? work.attachment(in: name) {
                draft.attachments.append(id)
                draft.attachmentPlaces.append(place)
            } else {
                draft.links.append(name)
            }
        }
        return draft
    }

    static let shape = Shape("LiveMessageDraft", "What somebody writes, in the Live dialect", LiveMessageDraft()) {
        Field("content", \.content, .text(1...65_536), "The text, in Markdown")
        Field("attachments", \.attachments, .list(of: .webAddress, atMost: 20), "Ids of files sent before, or addresses", required: false)
    }
}

/// A public comment as this dialect tells it.
struct LiveMessage: Shaped, WithFields {
    var comment: Comment
    /// What its author is called by who vouches for them, or else our id.
    var author: String
    /// Whether it was made just now, so that the answer says where it is.
    var isNew = false

    /// - Parameter ids: what issuers call those people whom they vouch for.
    init(_ comment: Comment, _ ids: [Person.ID: String], isNew: Bool = false) {
        self.comment = comment
        self.isNew = isNew
        author = ids[comment.author.id] ?? comment.author.id.text
    }

    static let shape = Shape("LiveMessage", "What somebody wrote, in the Live dialect", LiveMessage(CommentView.blank, [:])) {
        Field("id", \.comment.id, .id(Comment.self), "Id")
        Field("ticket_id", \.comment.ticket, .id(Ticket.self), "The ticket")
        Field("author_id", \.author, .text(1...255), "Who wrote it: the id in their token, where an outside issuer vouches for them")
        Field("author_name", \.comment.author.name, .text(0...201), "What they are called")
        Field("content", \.comment.content, .text(0...65_536), "The text, in Markdown; empty when it was taken away")
        Field(
            "attachments", from: { $0.comment.attachments.map(\.url) + $0.comment.links }, .list(of: .text(1...2048), atMost: 40),
            "Addresses of files; those of ours need no credential, and end within half an hour")
        Field("created_at", from: \.comment.createdAt.seconds, .integer(0...Int.max), "When it was written, in seconds since 1970")
        Field("updated_at", from: \.comment.updatedAt.seconds, .integer(0...Int.max), "When it was last changed, in seconds since 1970")
    }

    var fields: [Response.Field] {
        isNew ? [.init("location", "/tickets/\(comment.ticket.text)/comments/\(comment.id.text)")] : []
    }
}

extension Kind {
    /// An address on the web. It is kept as it is and nobody here follows it; a reader's browser may, so scripts and the like are none.
    static var webAddress: Kind<String> {
        Kind<String>.text(1...2048).described(
            as: .oneOf([.word("uuid"), .pattern("^[hH][tT][tT][pP][sS]?://[^/\\s<>\"][^\\s<>\"]*$", 8...2048)])
        ).checked { text in
            // Files of ours are named by id too.
            if text.isWebAddress || UUID(text) != nil { return nil }
            return Fault("url_parsing", "Input should be an upload's id or an address that begins with http:// or https://")
        }
    }
}

extension String {
    fileprivate var isWebAddress: Bool {
        let schemes: [StaticString] = ["http://", "https://"]
        guard let scheme = schemes.first(where: startsIgnoringCase), let first = utf8.dropFirst(scheme.utf8CodeUnitCount).first,
            first != UInt8(ascii: "/")
        else { return false }
        return unicodeScalars.allSatisfy {
            !$0.properties.isWhitespace && $0.properties.generalCategory != .control && !"<>\"".unicodeScalars.contains($0)
        }
    }
}
