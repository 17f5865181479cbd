public import Domain
internal import Storage

/// What somebody writes on a ticket.
public struct CommentDraft: Sendable {
    public var content = ""
    /// Addresses elsewhere that go with it.
    public var links: [String] = []
    /// Files that the writer has sent and used nowhere yet.
    public var attachments: [Attachment.ID] = []
    /// Where in what the writer sent each of them stands, for faults to say; empty where they stand alone.
    public var attachmentPlaces: [Int] = []
    public var type = CommentType.public
    /// Whether a closed ticket refuses it, whoever writes, instead of being opened again by it.
    public var refusesClosed = false
    /// The last public comment that the writer knows of; nil: they do not mind what others wrote meanwhile.
    public var after: Comment.ID?

    public init() {}
}

extension Work {
    /// Adds a comment. A public one may move the ticket: a customer's opens it again, the first of staff begins the work.
    ///
    /// Throws `.overtaken` when there are newer public comments than the writer knows of, `.stale` when they know an older revision of
    /// the ticket, `.conflict` when it was closed too long ago, `.invalid` for files that are none of the
    /// writer's, and `.forbidden` to a customer who would write privately, and to everybody where a closed ticket refuses.
    public func comment(
        _ draft: CommentDraft, on name: TicketName, expecting revision: Int? = nil, as caller: Caller
    ) async throws -> Comment {
        var ticket = try await db.ticketToChange(name)
        try ticket.mustBeChangeable(by: caller)
        guard caller.mayComment(draft.type) else { throw DeskError.forbidden("Only staff write private comments") }
        if draft.refusesClosed, ticket.status == .closed { throw DeskError.forbidden("This action is not allowed on a closed ticket") }
        try ticket.mustBe(at: revision, for: caller)
        if let known = draft.after { try await mustBeLatest(known, on: ticket.id, for: caller) }
        let attachments = try await unusedUploads(draft.attachments, at: draft.attachmentPlaces, of: caller)
        let before = ticket
        // In the order of their times, also when two were written at once and the earlier had to wait.
        let written = max(now, ticket.tally.updatedAt)
        let comment = Comment(
            id: Comment.ID(outside.newID()), ticket: ticket.id, author: caller.party, content: draft.content, links: draft.links,
            attachments: attachments, type: draft.type, createdAt: written, updatedAt: written)
        if draft.type == .public {
            try ticket.hear(replyBy: caller.id, isStaff: caller.isStaff, reopenDays: rules.reopenDays, at: now)
        }
        ticket.advance(comments: 1, isShown: draft.type == .public, at: written)
        try await db.insert(comment)
        try await db.attach(attachments, to: comment.id)
        try await saveProgress(ticket, since: before)
        record(.commentCreated, comment, by: caller.party)
        if ticket.status != before.status {
            record(.ticketStatusChanged, ticket, by: caller.party, before.changes(to: ticket))
        }
        return shown(comment)
    }

    /// Throws `.overtaken`, with what of the newer ones the caller may read, unless this is the last public comment. One that the caller
    /// cannot know is a fault.
    private func mustBeLatest(_ known: Comment.ID, on ticket: Ticket.ID, for caller: Caller) async throws {
        let seen: SQL = caller.isStaff ? "" : " AND is_private = FALSE"
        let place = try await db.first(
            "SELECT created_at FROM comments WHERE id = \(known) AND ticket_id = \(ticket)\(seen)"
        ) { $0.moment() }
        guard let place else {
            throw DeskError.invalid([InvalidField("after_comment_id", "not_found", "There is no such comment on this ticket")])
        }
        // No more than a page; who wants the others reads the list.
        var page = SliceRequest()
        page.limit = SliceRequest.mostItems
        page.after = Position(key: place.milliseconds, tie: known.bits)
        let newer = try await db.comments(on: ticket, publicOnly: true, page).items
        if !newer.isEmpty { throw DeskError.overtaken(caller.mayRead ? newer.map(shown) : []) }
    }
}
