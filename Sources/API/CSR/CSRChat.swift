internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

extension CSRRoutes {
    /// `/ws/tickets/{ticket}`: the talk on a ticket. Whoever may not talk there is refused before the upgrade.
    static func declareChat(
        in desk: inout DeskRoutes, _ hub: Hub, _ limits: CallerLimits, _ writes: WriteBudget, _ credentials: CredentialCheck
    ) {
        desk.routes.webSocket(
            "/ws/tickets/{ticket}", .everyone, "A socket on which requester and staff talk about a ticket",
            notes: RouteNotes(
                query: SocketQuery.shape.outline, said: ChatFrame.shape.schema,
                told: .oneOf([ChatMessage.shape.schema, SocketRefusal.shape.schema]))
        ) { request in
            let token = try request.query(as: SocketQuery.self, unknown: .ignored).token
            guard let visitor = try await credentials.reader(of: request, token) else { throw Refusal.unauthorized() }
            let caller = visitor.caller
            request.caller = caller.label
            let name: TicketName = try request.pathValues.ticket
            let ticket = try await hub.desk.read(for: Asker(caller)) { look in try await look.ticket(name, as: caller) }
            guard caller.mayChat(on: ticket.standing) else {
                throw Refusal.forbidden("Only the requester, the assignee and admins talk on this ticket")
            }
            try await hub.beReady()
            return { session in await ChatSession(session, hub, limits, writes, visitor, on: ticket)?.serve() }
        }
        desk.routes.alsoRefuses(with: .forbidden)
    }
}

/// What somebody says.
struct ChatFrame: Shaped {
    var content = ""
    var ticket: TicketName?

    static let shape = Shape("ChatFrame", "What somebody says", ChatFrame()) {
        Field("content", \.content, .text(1...65_536), "The text, in Markdown")
        Field("ticket_id", \.ticket, Kind<TicketName>.ticketName.optional, "The ticket, if anything the one of this socket")
    }

    /// Throws a `Refusal` or `Faults` for what cannot be said on this ticket.
    init(_ message: WebSocketMessage, on ticket: Ticket) throws {
        guard message.kind == .text else { throw Refusal.badRequest("Frames are text") }
        self = try message.bytes.withUnsafeBytes { bytes in try Self.shape.read(json: bytes, unknown: .ignored) }
        guard self.ticket.map({ $0 == .id(ticket.id) || $0 == .number(ticket.number) }) ?? true else {
            throw Faults(Fault("value_error", "This socket is another ticket's", at: "ticket_id"))
        }
    }

    private init() {}
}

/// What is told of a public comment.
struct ChatMessage: Shaped {
    var comment: Comment

    static let shape = Shape("ChatMessage", "What somebody said", ChatMessage(comment: CommentView.blank)) {
        Field("ticket_id", \.comment.ticket, .id(Ticket.self), "The ticket")
        Field("sender_id", \.comment.author.id, .id(Person.self), "Who said it")
        Field("content", \.comment.content, .text(1...65_536), "The text, in Markdown")
        Field("timestamp", \.comment.createdAt, .moment, "When")
        Field(
            "attachments",
            from: { $0.comment.attachments.isEmpty ? nil : $0.comment.attachments.map { AttachmentView($0) } },
            Kind<[AttachmentView]>.list(of: .object(AttachmentView.self), atMost: 20).orAbsent, "Files that go with it; absent without")
    }
}
