internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What a ticket is given with.
struct TicketParts: Shaped {
    var parts: [Part] = []
    /// Only said here: where the path names a person, the Classic dialect lists their tickets, and reads it itself.
    var limit: Int?

    enum Part: String, CaseIterable, Word {
        case comments, history
        /// Texts as HTML beside them.
        case html
    }

    static let shape = Shape("TicketParts", "What a ticket is given with", TicketParts()) {
        Field(
            "include", \.parts, .list(of: .word(Part.self), atMost: 10),
            "Lists whose beginnings come with it, and `html`: texts as HTML too", required: false)
        Field(
            "limit", \.limit, Kind<Int>.integer(1...SliceRequest.mostBareItems).orAbsent,
            "Where the path names a person and no ticket: how many of their tickets at most")
    }
}

extension TicketView {
    /// Adds the first page of each list, as large as a page can be; its cursor goes on in that list at its own address.
    mutating func add(_ parts: [TicketParts.Part], of ticket: TicketName, for caller: Caller, _ look: Look) async throws {
        var first = SliceRequest()
        first.limit = SliceRequest.mostItems
        if parts.contains(.html) { first.bytes = SliceRequest.mostBytesWithHTML }
        if parts.contains(.comments) {
            let slice = try await look.comments(on: ticket, first, as: caller).map { CommentView($0) }
            comments = Page(slice, of: .comments, asked: CommentQuery(), look)
        }
        if parts.contains(.history) {
            let slice = try await look.history(of: ticket, first, as: caller).map { HistoryView($0) }
            history = Page(slice, of: .history, asked: PageQuery(), look)
        }
    }
}

extension TicketView {
    /// Adds the HTML of the description, and of the comments that come with it.
    mutating func addHTML(at desk: Desk) async throws {
        let texts = [ticket.description] + (comments?.items.map(\.comment.content) ?? [])
        let made = try await desk.html(of: texts, .message)
        html = made[0]
        for index in comments?.items.indices ?? 0..<0 { comments?.items[index].html = made[index + 1] }
    }
}

extension [CommentView] {
    /// Adds the HTML of each.
    mutating func addHTML(at desk: Desk) async throws {
        let made = try await desk.html(of: map(\.comment.content), .message)
        for index in indices { self[index].html = made[index] }
    }
}

extension CommentView {
    mutating func addHTML(at desk: Desk) async throws { html = try await desk.html(of: comment.content, .message) }
}

extension Page {
    /// The beginning of a list, with the cursor that goes on there.
    fileprivate init<Query: PagedQuery>(_ slice: Slice<Item>, of list: ListName, asked query: Query, _ look: Look) {
        self.init()
        items = slice.items
        next = query.cursor(after: slice, of: list, at: look.cursors)
    }
}
