internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension ClassicRoutes {
    static func declareReplies(in desk: inout DeskRoutes) {
        desk.change(
            .post, "/reply", .staff, "Answers a ticket in public", takes: ClassicReplyDraft.self, gives: .created(ClassicReply.self)
        ) { ask, work in
            guard let ticket = ask.body.ticket.name else { throw DeskError.notFound("Ticket not found") }
            return ClassicReply(comment: try await work.comment(ask.body.draft, on: ticket, as: ask.caller), ticket: ask.body.ticket)
        }
        desk.routes.alsoRefuses(with: .notFound)
    }
}

struct ClassicReplyDraft: Shaped {
    var draft = CommentDraft()
    var ticket = ClassicTicketName()

    static let shape = Shape("ClassicReplyDraft", "An answer, in the Classic dialect", ClassicReplyDraft()) {
        Field("reply_text", \.draft.content, .text(1...65_536), "The text, in Markdown")
        Field("ticket_id", \.ticket, ClassicTicketName.kind, "The ticket, by number or id")
    }
}

struct ClassicReply: Shaped {
    var comment: Comment
    var ticket: ClassicTicketName

    static let shape = Shape(
        "ClassicReply", "An answer, in the Classic dialect", ClassicReply(comment: CommentView.blank, ticket: ClassicTicketName())
    ) {
        Field("id", \.comment.id, .id(Comment.self), "Id")
        Field("ticket_id", \.ticket, ClassicTicketName.kind, "The ticket, as it was named")
        Field("agent_id", \.comment.author.id, .id(Person.self), "Who answered")
        Field("reply_text", \.comment.content, .text(1...65_536), "The text, in Markdown")
        Field("created_at", \.comment.createdAt, .moment, "When")
    }
}

/// A ticket as a client names it, which gets the same back: a number, the number as text, or an id.
struct ClassicTicketName: Sendable {
    private var sent = JSONValue.integer(0)

    init() {}
    private init(_ sent: JSONValue) { self.sent = sent }

    /// Nil for what names no ticket.
    var name: TicketName? {
        switch sent {
        case .integer(let number): number > 0 ? .number(number) : nil
        case .text(let text): TicketName(path: text)
        default: nil
        }
    }

    static let kind = Kind<ClassicTicketName>(
        .oneOf([.integer(Int.exact), .text(1...36)]),
        json: { (reader, reading) throws(JSONFault) in
            let sent = try reader.readValue()
            switch sent {
            case .integer(let number) where Int.exact.contains(number): return ClassicTicketName(sent)
            case .text: return ClassicTicketName(sent)
            default: return reading.refuse(Fault("int_type", "Input should be a ticket's number or id"))
            }
        },
        write: { name, writer in writer.value(name.sent) })
}
