internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `/search`, and the search of the knowledge base, which needs no credential.
public enum SearchRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        desk.page(
            ListName.foundTickets.pattern, .signedIn, "Searches tickets", query: TicketSearch.self, of: TicketView.self,
            asking: { ask, slice, desk in
                let query = try SearchQuery(ask.query.query, at: "query")
                return try await desk.search(for: Asker(ask.caller)) { look in try await look.tickets(query, slice, as: ask.caller) }
            }, show: { TicketView($0, for: $1) })
        searchArticles(ListName.foundArticles.pattern, .signedIn, "Searches articles", in: &desk)
        searchArticles("/knowledge-base/search", .everyone, "Searches articles; drafts only for staff", in: &desk)
        declareGlobal(in: &desk)
        declareSuggestions(in: &desk)
    }

    private static func searchArticles(_ pattern: String, _ access: Access, _ summary: String, in desk: inout DeskRoutes) {
        let (helpdesk, list) = (desk.desk, ListName(pattern: pattern))
        desk.routes.answered(
            .get, pattern, access, summary, query: ArticleSearch.self, takes: Nothing.self, gives: .ok(Page<ArticleView>.self)
        ) { request in
            let asked = try request.readQuery(as: ArticleSearch.self)
            let caller = request.identity as? Caller
            let query = try SearchQuery(asked.query, at: "query")
            let slice = try asked.slice(of: list, at: helpdesk)
            let found = try await helpdesk.search(for: request.asker) { look in
                try await look.articles(query, at: "query", asked.filter, slice, as: caller)
            }
            let page = Page(found.map { ArticleView($0) }, asked: asked, of: list, by: request, helpdesk)
            return Routes.response(.ok(Page<ArticleView>.self), page)
        }
    }

    private static func declareGlobal(in desk: inout DeskRoutes) {
        let helpdesk = desk.desk
        desk.routes.answered(
            .get, "/search/global", .signedIn, "Searches tickets and articles", query: GlobalSearch.self, takes: Nothing.self,
            gives: .ok(GlobalFinds.self)
        ) { request in
            let caller = try request.mustBeSignedIn()
            let asked = try request.readQuery(as: GlobalSearch.self)
            let query = try SearchQuery(asked.query, at: "query")
            var wanted = SliceRequest()
            wanted.limit = asked.limit
            let slice = wanted
            let (tickets, articles) = try await helpdesk.search(for: Asker(caller)) { look in
                let tickets = try await look.tickets(query, slice, as: caller)
                guard query.suitsArticles else { return (tickets, Slice<FoundArticle>(items: [])) }
                return (tickets, try await look.articles(query, at: "query", ArticleSearchFilter(), slice, as: caller))
            }
            var finds = GlobalFinds()
            finds.tickets.items = tickets.items.map { TicketView($0, for: caller) }
            finds.articles.items = articles.items.map { ArticleView($0) }
            finds.tickets.next = TicketSearch(query: asked.query).cursor(after: tickets, of: .foundTickets, at: helpdesk.cursors)
            finds.articles.next = ArticleSearch(query: asked.query).cursor(after: articles, of: .foundArticles, at: helpdesk.cursors)
            return Routes.response(.ok(GlobalFinds.self), finds)
        }
    }

    private static func declareSuggestions(in desk: inout DeskRoutes) {
        let helpdesk = desk.desk
        desk.routes.answered(
            .get, "/search/suggest", .signedIn, "Gives tickets and articles like a text that is being typed", query: TypedText.self,
            takes: Nothing.self, gives: .ok(Suggestions.self)
        ) { request in
            let caller = try request.mustBeSignedIn()
            let typed = try request.readQuery(as: TypedText.self)
            let (tickets, articles) = try await helpdesk.search(for: Asker(caller)) { look in
                try await look.similar(to: typed.text, as: caller)
            }
            var suggestions = Suggestions()
            suggestions.tickets = tickets.map { TicketView($0, for: caller) }
            suggestions.articles = articles.map { ArticleView($0) }
            return Routes.response(.ok(Suggestions.self), suggestions)
        }
    }
}
