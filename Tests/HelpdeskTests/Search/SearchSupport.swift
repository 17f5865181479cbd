import Domain
import Helpdesk
import Testing

extension TestDesk {
    /// A ticket with these words.
    @discardableResult
    func ticket(
        titled title: String, _ description: String = "Nothing.", tags: [String] = [], by caller: Caller? = nil,
        _ more: (inout TicketDraft) -> Void = { _ in }
    ) async throws -> Ticket {
        var draft = TicketDraft()
        (draft.title, draft.description, draft.tags) = (title, description, tags)
        more(&draft)
        let (ready, caller) = (draft, caller ?? customer)
        return try await write { work in try await work.open(ready, as: caller) }
    }

    @discardableResult
    func article(_ title: String, _ content: String, isPublished: Bool = true, tags: [String] = [], category: String? = nil) async throws
        -> Article
    {
        var draft = ArticleDraft()
        (draft.title, draft.content, draft.isPublished, draft.tags, draft.category) = (title, content, isPublished, tags, category)
        let (ready, agent) = (draft, agent)
        return try await write { work in try await work.write(ready, as: agent) }
    }

    func finds(_ text: String, as caller: Caller? = nil, _ slice: SliceRequest = SliceRequest()) async throws -> Slice<FoundTicket> {
        let query = try SearchQuery(text, at: "query")
        let caller = caller ?? agent
        return try await desk.search(for: .server) { look in try await look.tickets(query, slice, as: caller) }
    }

    /// The numbers of the tickets that are found, in their order.
    func numbers(_ text: String, as caller: Caller? = nil) async throws -> [Int] {
        try await finds(text, as: caller).items.map(\.ticket.number)
    }

    func articles(_ text: String, as caller: Caller?) async throws -> [FoundArticle] {
        let query = try SearchQuery(text, at: "query")
        return try await desk.search(for: .server) { look in
            try await look.articles(query, at: "query", ArticleSearchFilter(), SliceRequest(), as: caller)
        }.items
    }
}
