internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// A ticket as its reader sees it.
struct TicketView: Shaped, WithFields {
    var ticket: Ticket
    var tally: Ticket.Tally
    /// Only for who may open the ticket's public facts.
    var embedToken: UInt128?
    var isStaff: Bool
    private var course: Ticket.Course? { isStaff ? ticket.course : nil }
    /// Whether it was made just now, so that the answer says where it is.
    var isNew = false
    /// Where a search found it.
    var snippet: String?
    /// The beginnings of its lists, where they were asked for.
    var comments: Page<CommentView>?
    var history: Page<HistoryView>?
    /// The description as HTML, where it was asked for.
    var html: String?

    init(_ ticket: Ticket, for caller: Caller) {
        self.ticket = ticket
        tally = ticket.tally(for: caller)
        embedToken = caller.maySeeEmbedToken(of: ticket) ? ticket.embedToken : nil
        isStaff = caller.isStaff
    }

    private init(_ ticket: Ticket) {
        self.ticket = ticket
        tally = ticket.tally
        isStaff = false
    }

    static let blank = Ticket(
        id: Ticket.ID(0), title: "", description: "", requester: PartyView.nobody, embedToken: 0, at: Moment(0))

    static let shape = Shape("Ticket", "Something somebody wants help with", TicketView(blank)) {
        Field("id", \.ticket.id, .id(Ticket.self), "Id")
        Field("number", \.ticket.number, .integer(0...Int.max), "For people: 1, 2, 3 …")
        Field("title", \.ticket.title, .text(1...255), "One line that says what is wrong")
        Field("description", \.ticket.description, .text(0...65_536), "The whole story, in Markdown")
        Field("description_html", \.html, Kind<String>.text(0...Int.max).orAbsent, "The description as HTML, with `include=html`")
        Field("status", \.ticket.status, .word(Domain.Status.self), "Where it stands")
        Field("priority", \.ticket.priority, .word(Priority.self), "How much it presses")
        Field("category", \.ticket.category, .text(1...100).optional, "What it is about")
        Field("type", \.ticket.type, .text(1...100).optional, "What sort of request it is")
        Field("tags", \.ticket.tags, .list(of: .text(1...50), atMost: 20), "Words to find it by")
        Field("requester", \.ticket.requester, PartyView.kind, "Who asked")
        Field("assignee", \.ticket.assignee, PartyView.kind.optional, "Who works on it")
        Field("support_role", \.ticket.supportRole, .word(SupportRole.self), "The tier it is with")
        Field("channel", \.ticket.channel, .word(Channel.self), "How it came in")
        Field("embed_token", \.embedToken, .token.orAbsent, "Opens its public facts to whoever holds it")
        Field("comment_count", \.tally.commentCount, .integer(0...Int.max), "How many comments it has")
        Field("created_at", \.ticket.createdAt, .moment, "When it was opened")
        Field("updated_at", \.tally.updatedAt, .moment, "When anything happened last")
        Field("first_responded_at", \.ticket.firstRespondedAt, .moment.optional, "When staff first answered")
        Field("resolved_at", \.ticket.resolvedAt, .moment.optional, "When it was resolved")
        Field("closed_at", \.ticket.closedAt, .moment.optional, "When it was closed")
        Field("status_since", from: { $0.course?.statusSince }, Kind<Moment>.moment.orAbsent, "When it came into this status; for staff")
        Field(
            "reopenings", from: { $0.course?.reopenings }, Kind<Int>.integer(0...Int.max).orAbsent,
            "How often it was opened again; for staff")
        Field(
            "first_resolved_at", from: { $0.course?.firstResolvedAt }, Kind<Moment>.moment.orAbsent,
            "When it was first resolved, or closed without that; for staff")
        Field(
            "last_resolved_at", from: { $0.course?.lastResolvedAt }, Kind<Moment>.moment.orAbsent, "The same for the last time; for staff")
        Field("deleted_at", \.ticket.deletedAt, Kind<Moment>.moment.orAbsent, "When it went to the bin; absent elsewhere")
        Field("revision", \.tally.revision, .integer(1...Int.max), "Counts its changes")
        Field("snippet", \.snippet, Kind<String>.text(0...Int.max).orAbsent, "Where a search found it: HTML with `<mark>`")
        Field("comments", \.comments, Kind<Page<CommentView>>.object(Page<CommentView>.self).orAbsent, "With `include=comments`")
        Field("history", \.history, Kind<Page<HistoryView>>.object(Page<HistoryView>.self).orAbsent, "With `include=history`")
    }

    /// What is shown and changes while the ticket does not: what people are called, and the addresses of files.
    private var names: [String?] {
        var names = [ticket.requester.name, ticket.requester.email, ticket.assignee?.name]
        for view in comments?.items ?? [] { names += [view.comment.author.name, view.comment.attachments.first?.url] }
        for view in history?.items ?? [] { names += view.names }
        return names
    }

    var fields: [Response.Field] {
        let view = "\(isStaff ? "s" : "c")\(comments == nil ? "" : "m")\(history == nil ? "" : "h")\(html == nil ? "" : "x")"
        let tag = EntityTag(revision: tally.revision, view: view, with: names).field
        return isNew ? [tag, .init("location", "/tickets/\(ticket.id.text)")] : [tag]
    }
}

/// Somebody on a ticket.
struct PartyView: Shaped {
    var party: Party

    static let nobody = Party(id: Person.ID(0), name: "", email: nil, role: .guest)

    static let shape = Shape("Party", "Somebody on a ticket", PartyView(party: nobody)) {
        Field("id", \.party.id, .id(Person.self), "Id")
        Field("name", \.party.name, .text(0...201), "What they are called")
        Field("email", \.party.email, Kind<String>.text(1...320).orAbsent, "Their address")
    }

    static var kind: Kind<Party> {
        Kind<PartyView>.object(PartyView.self).converted(to: { .success($0.party) }, from: { PartyView(party: $0) })
    }
}
