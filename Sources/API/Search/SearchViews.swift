internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// A search of tickets.
struct TicketSearch: PagedQuery {
    var query = ""
    var paging = Paging()

    static let shape = Shape("TicketSearch", "What tickets are searched for", TicketSearch()) {
        Field("query", \.query, .text(1...1000), "Words, \"phrases\", -not, field:value")
        Field.all(of: \.paging, Paging.fields)
    }
}

/// A search of articles.
struct ArticleSearch: PagedQuery {
    var query = ""
    var filter = ArticleSearchFilter()
    var paging = Paging()

    static let shape = Shape("ArticleSearch", "What articles are searched for", ArticleSearch()) {
        Field("query", \.query, .text(1...1000), "Words, \"phrases\", -not, category:… and tag:…")
        Field("category", \.filter.categories, .list(of: .text(1...100), atMost: 20), "Where they belong", required: false)
        Field("tag", \.filter.tags, .list(of: .text(1...50), atMost: 20), "One of their tags", required: false)
        Field.all(of: \.paging, Paging.fields)
    }
}

/// A search of everything.
struct GlobalSearch: Shaped {
    var query = ""
    var limit = 20

    static let shape = Shape("GlobalSearch", "What everything is searched for", GlobalSearch()) {
        Field("query", \.query, .text(1...1000), "Words, \"phrases\", -not, field:value")
        Field("limit", \.limit, .integer(1...SliceRequest.mostItems), "How many of each at most", required: false)
    }
}

/// What a search of everything found: the first page of each, and where its own search goes on.
struct GlobalFinds: Shaped {
    var tickets = Page<TicketView>()
    var articles = Page<ArticleView>()

    static let shape = Shape("GlobalFinds", "What was found", GlobalFinds()) {
        Field("tickets", \.tickets, .object(Page<TicketView>.self), "Tickets; `next` is a cursor of `/search/tickets`")
        Field("articles", \.articles, .object(Page<ArticleView>.self), "Articles; `next` is a cursor of `/search/articles`")
    }
}

/// A text that somebody is typing.
struct TypedText: Shaped {
    var text = ""

    static let shape = Shape("TypedText", "What somebody is typing", TypedText()) {
        Field("text", \.text, .text(1...4000), "Title and description, as far as they go")
    }
}

/// What is like a text.
struct Suggestions: Shaped {
    var tickets: [TicketView] = []
    var articles: [ArticleView] = []

    static let shape = Shape("Suggestions", "What is like a text", Suggestions()) {
        Field("tickets", \.tickets, .list(of: .object(TicketView.self), atMost: 5), "Similar tickets")
        Field("articles", \.articles, .list(of: .object(ArticleView.self), atMost: 5), "Articles that may answer it")
    }
}

extension TicketView {
    init(_ found: FoundTicket, for caller: Caller) {
        self.init(found.ticket, for: caller)
        snippet = found.snippet?.html
    }
}

extension ArticleView {
    init(_ found: FoundArticle) {
        self.init(found.article)
        snippet = found.snippet.html
    }
}
