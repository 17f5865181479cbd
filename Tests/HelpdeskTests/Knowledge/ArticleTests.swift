import Codec
import Domain
import Helpdesk
import Storage
import TestEngines
import Testing

extension TestDesk {
    @discardableResult
    func article(
        _ title: String = "How to Reset Password", isPublished: Bool = true, by caller: Caller? = nil,
        _ more: (inout ArticleDraft) -> Void = { _ in }
    ) async throws -> Article {
        let caller = caller ?? agent
        var draft = ArticleDraft()
        draft.title = title
        draft.content = "Step by step."
        draft.isPublished = isPublished
        more(&draft)
        let ready = draft
        return try await write { work in try await work.write(ready, as: caller) }
    }

    @discardableResult
    func edit(
        _ article: Article, by caller: Caller? = nil, expecting revision: Int? = nil, _ edit: (inout ArticleEdit) -> Void
    ) async throws -> Article {
        let caller = caller ?? agent
        var changed = ArticleEdit()
        edit(&changed)
        let ready = changed
        return try await write { work in try await work.change(.id(article.id), ready, expecting: revision, as: caller) }
    }

    func articleEvents(as caller: Caller) async throws -> [EventType] {
        var question = EventQuestion()
        question.types = EventType.allCases.filter(\.isOfArticle)
        let ready = question
        return try await desk.events(ready, SliceRequest(), as: caller).items.map(\.type)
    }
}

@Suite("Articles") struct ArticleTests {
    @Test("are written by staff, and read by everybody once they are published", arguments: TestEngine.all)
    func written(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article { $0.tags = ["password", "reset"] }
            let draft = try await desk.article("Later", isPublished: false)
            #expect(article.slug == "how-to-reset-password" && article.author == desk.agent.party && article.revision == 1)
            for caller in [nil, desk.customer, desk.agent] {
                #expect(try await desk.read { look in try await look.article(.slug("how-to-reset-password"), as: caller) } == article)
            }
            #expect(try await desk.read { look in try await look.article(.id(draft.id), as: desk.otherAgent) } == draft)
            for caller in [nil, desk.customer] {
                await #expect(throws: DeskError.notFound("Article not found")) {
                    try await desk.read { look in try await look.article(.id(draft.id), as: caller) }
                }
            }
            await #expect(throws: DeskError.forbidden("Only staff write articles")) { try await desk.article(by: desk.customer) }
        }
    }

    @Test("have slugs of their own, which lead to them for good", arguments: TestEngine.all)
    func slugs(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let first = try await desk.article()
            let second = try await desk.article()
            let third = try await desk.article("Search")
            #expect(second.slug == "how-to-reset-password-2" && third.slug == "search-2")
            let renamed = try await desk.edit(first) { $0.title = "Passwords" }
            #expect(renamed.slug == first.slug)
            let moved = try await desk.edit(first) { $0.slug = "passwords" }
            #expect(moved.slug == "passwords")
            for slug in ["passwords", "how-to-reset-password"] {
                #expect(try await desk.read { look in try await look.article(.slug(slug), as: nil) } == moved)
            }
            await #expect(throws: DeskError.conflict("The slug how-to-reset-password leads to another article")) {
                try await desk.edit(second) { $0.slug = "how-to-reset-password" }
            }
            #expect(try await desk.edit(first) { $0.slug = "how-to-reset-password" }.slug == "how-to-reset-password")
            try await desk.write { work in try await work.delete(.id(first.id), as: desk.agent) }
            #expect(try await desk.article().slug == "how-to-reset-password")
        }
    }

    @Test("drafts that nobody saw leave no trace of what they were called", arguments: TestEngine.all)
    func draftSlugs(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let draft = try await desk.article("Secret first title", isPublished: false)
            let renamed = try await desk.edit(draft) { $0.title = "Harmless" }
            #expect(renamed.slug == "harmless" && renamed.revision == 2)
            // Also one that an author chose, and an earlier version that comes back.
            let chosen = try await desk.edit(draft) { $0.slug = "project-x" }
            #expect(try await desk.edit(chosen) { $0.title = "Still harmless" }.slug == "project-x")
            _ = try await desk.edit(chosen) { $0.slug = "harmless" }
            _ = try await desk.write { work in try await work.restore(1, of: .id(draft.id), as: desk.agent) }
            let published = try await desk.edit(draft) { ($0.title, $0.isPublished) = ("Harmless", true) }
            #expect(published.slug == "harmless")
            for slug in ["secret-first-title", "project-x"] {
                await #expect(throws: DeskError.notFound("Article not found")) {
                    try await desk.read { look in try await look.article(.slug(slug), as: desk.agent) }
                }
            }
            let told = try await desk.desk.events(EventQuestion(), SliceRequest(), as: desk.customer).items
            #expect(told.map(\.type) == [.articlePublished])
            guard case .article(let article)? = told.first?.subject else { throw DeskError.conflict("nothing is told") }
            #expect(article.slug == "harmless")
            // From now on it stays, and leads on.
            _ = try await desk.edit(published) { $0.isPublished = false }
            #expect(try await desk.edit(published) { $0.title = "Another title" }.slug == "harmless")
            #expect(try await desk.article("Secret first title").slug == "secret-first-title")
        }
    }

    @Test("a draft's slug follows its title until one is chosen, also the same", arguments: TestEngine.all)
    func followingSlugs(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let draft = try await desk.article("One", isPublished: false)
            #expect(try await desk.edit(draft) { $0.title = "Two" }.slug == "two")
            // What is taken gets a number, and its own is not taken.
            _ = try await desk.article("Three")
            #expect(try await desk.edit(draft) { $0.title = "Three" }.slug == "three-2")
            #expect(try await desk.edit(draft) { $0.title = "Three!" }.slug == "three-2")
            let kept = try await desk.edit(draft) { $0.slug = "three-2" }
            #expect(kept.revision == 4)
            #expect(try await desk.edit(draft) { $0.title = "Four" }.slug == "three-2")
            let given = try await desk.article("Five", isPublished: false) { $0.slug = "given" }
            #expect(try await desk.edit(given) { $0.title = "Six" }.slug == "given")
        }
    }

    @Test("leave a version with each change, and say again what they said", arguments: TestEngine.all)
    func versions(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article { $0.category = "account" }
            try await desk.edit(article, by: desk.admin) { edit in
                edit.content = "Another way."
                edit.category = .null
                edit.tags = .to(["b"])
            }
            let same = try await desk.edit(article) { $0.content = "Another way." }
            #expect(same.revision == 2 && same.category == nil)
            let list = try await desk.read { look in try await look.versions(of: .id(article.id), SliceRequest(), as: desk.agent) }
            #expect(list.items.map(\.number) == [2, 1] && list.items.map(\.editor.id) == [desk.admin.id, desk.agent.id])
            let restored = try await desk.write { work in try await work.restore(1, of: .id(article.id), as: desk.agent) }
            #expect(
                restored.content == article.content && restored.category == "account" && restored.tags.isEmpty && restored.revision == 3)
            await #expect(throws: DeskError.notFound("Version not found")) {
                try await desk.read { look in try await look.version(9, of: .id(article.id), as: desk.agent) }
            }
            await #expect(throws: DeskError.forbidden("Only staff see what an article said before")) {
                try await desk.read { look in try await look.version(1, of: .id(article.id), as: desk.customer) }
            }
            await #expect(throws: DeskError.stale) { try await desk.edit(article, expecting: 1) { $0.title = "x" } }
            await #expect(throws: DeskError.forbidden("Only staff change articles")) {
                try await desk.edit(article, by: desk.customer) { $0.title = "x" }
            }
        }
    }

    @Test("are listed newest first, by category and tag, drafts for staff alone", arguments: TestEngine.all)
    func lists(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for number in 1...5 {
                desk.clock.advance(seconds: 1)
                try await desk.article("Article \(number)", isPublished: number != 3) { draft in
                    draft.category = number % 2 == 0 ? "even" : "odd"
                    draft.tags = ["all", "tag\(number)"]
                }
            }
            let list = { (caller: Caller?, change: (inout ArticleFilter) -> Void) async throws -> [String] in
                var filter = ArticleFilter()
                change(&filter)
                let ready = filter
                var titles: [String] = []
                var slice = SliceRequest()
                slice.limit = 2
                slice.isCounted = true
                var total: Int?
                repeat {
                    let asked = slice
                    let page = try await desk.read { look in try await look.articles(ready, asked, as: caller) }
                    titles += page.items.map { String($0.title.suffix(1)) }
                    total = page.total
                    slice.after = page.next
                } while slice.after != nil
                #expect(total == titles.count)
                return titles
            }
            #expect(try await list(nil) { _ in } == ["5", "4", "2", "1"])
            #expect(try await list(desk.customer) { $0.isPublished = false } == [])
            #expect(try await list(desk.agent) { _ in } == ["5", "4", "3", "2", "1"])
            #expect(try await list(desk.agent) { $0.isPublished = false } == ["3"])
            #expect(try await list(nil) { $0.category = "odd" } == ["5", "1"])
            #expect(try await list(nil) { $0.tag = "all" } == ["5", "4", "2", "1"])
            #expect(try await list(desk.agent) { $0.tag = "tag3" } == ["3"])
            #expect(
                try await list(nil) { filter in
                    filter.tag = "all"
                    filter.category = "even"
                } == ["4", "2"])
        }
    }

    @Test("one vote a person, which may be changed; one a day from an address", arguments: TestEngine.all)
    func votes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article()
            let vote = { (isHelpful: Bool, caller: Caller) in
                try await desk.write { work in try await work.vote(on: .id(article.id), isHelpful: isHelpful, as: caller) }.votes
            }
            #expect(try await vote(true, desk.customer) == Article.Votes(helpful: 1))
            #expect(try await vote(true, desk.customer) == Article.Votes(helpful: 1))
            #expect(try await vote(true, desk.otherCustomer) == Article.Votes(helpful: 2))
            #expect(try await vote(false, desk.customer) == Article.Votes(helpful: 1, unhelpful: 1))
            let bare = { (isHelpful: Bool, from: String) in
                try await desk.desk.vote(on: .slug(article.slug), isHelpful: isHelpful, by: voter(from)).votes
            }
            #expect(try await bare(true, "192.0.2.1") == Article.Votes(helpful: 2, unhelpful: 1))
            #expect(try await bare(true, "192.0.2.1") == Article.Votes(helpful: 2, unhelpful: 1))
            #expect(try await bare(false, "192.0.2.1") == Article.Votes(helpful: 1, unhelpful: 2))
            #expect(try await bare(false, "192.0.2.2") == Article.Votes(helpful: 1, unhelpful: 3))
            desk.clock.advance(days: 1)
            #expect(try await bare(false, "192.0.2.1") == Article.Votes(helpful: 1, unhelpful: 4))
            let draft = try await desk.article("Later", isPublished: false)
            await #expect(throws: DeskError.notFound("Article not found")) {
                try await desk.desk.vote(on: .id(draft.id), isHelpful: true, by: voter("192.0.2.1"))
            }
        }
    }

    private func voter(_ network: String, of provider: String = "192.0.2.0/24") -> AnonymousVoter {
        AnonymousVoter(network: network, provider: provider)
    }

    @Test("without an account a network has one vote a day on all nodes together, also after a restart", arguments: TestEngine.all)
    func votesOnSeveralNodes(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article()
            let nodes = [desk.desk, try desk.anotherNode()]
            for node in nodes + nodes {
                let votes = try await node.vote(on: .id(article.id), isHelpful: true, by: voter("2001:db8::/64")).votes
                #expect(votes == Article.Votes(helpful: 1))
            }
            #expect(
                try await nodes[1].vote(on: .id(article.id), isHelpful: false, by: voter("2001:db8::/64")).votes
                    == Article.Votes(unhelpful: 1))
        }
    }

    @Test("whoever has many networks takes nobody else's place, and yesterday's votes go", arguments: TestEngine.all)
    func votesOfOneProvider(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article()
            let vote = { (network: String, provider: String) in
                try await desk.desk.vote(on: .id(article.id), isHelpful: true, by: voter(network, of: provider)).votes.helpful
            }
            for number in 0..<1000 { _ = try await vote("2001:db8:1:\(number)::/64", "2001:db8:1::/48") }
            await #expect(throws: DeskError.busy("Too many votes from around your network today")) {
                _ = try await vote("2001:db8:1:ffff::/64", "2001:db8:1::/48")
            }
            #expect(try await vote("2001:db8:1:5::/64", "2001:db8:1::/48") == 1000, "a vote that is there already is no new one")
            #expect(try await vote("2001:db8:2:1::/64", "2001:db8:2::/48") == 1001)
            desk.clock.advance(days: 1)
            #expect(try await vote("2001:db8:1:ffff::/64", "2001:db8:1::/48") == 1002)
            #expect(try await desk.desk.forgetOldVotes() == 1001)
            #expect(try await desk.desk.forgetOldVotes() == 0)
            let left = try await desk.database.read { db in try await db.first("SELECT count(*) FROM anonymous_votes") { $0.int() } }
            #expect(left == 1)
        }
    }

    @Test("views are counted and written down together, and change nothing else", arguments: TestEngine.all)
    func views(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article()
            let draft = try await desk.article("Later", isPublished: false)
            for _ in 0..<3 { desk.desk.countView(of: article) }
            desk.desk.countView(of: draft)
            try await desk.desk.writeViews()
            try await desk.desk.writeViews()
            var expected = article
            expected.viewCount = 3
            #expect(try await desk.read { look in try await look.article(.id(article.id), as: nil) } == expected)
            #expect(try await desk.read { look in try await look.article(.id(draft.id), as: desk.agent) }.viewCount == 0)
        }
    }

    @Test("what happens to published ones is everybody's to know, what happens to drafts the staff's", arguments: TestEngine.all)
    func events(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            let article = try await desk.article(isPublished: false)
            try await desk.edit(article) { $0.title = "Secret draft" }
            #expect(try await desk.articleEvents(as: desk.customer) == [])
            try await desk.edit(article) { $0.isPublished = true }
            try await desk.edit(article) { $0.content = "Better." }
            #expect(try await desk.articleEvents(as: desk.customer) == [.articlePublished, .articleUpdated])
            try await desk.edit(article) { $0.isPublished = false }
            #expect(try await desk.articleEvents(as: desk.customer) == [])
            let all: [EventType] = [.articleCreated, .articleUpdated, .articlePublished, .articleUpdated, .articleUnpublished]
            #expect(try await desk.articleEvents(as: desk.agent) == all)
            let other = try await desk.article("Other")
            try await desk.write { work in try await work.delete(.id(other.id), as: desk.agent) }
            #expect(try await desk.articleEvents(as: desk.customer) == [.articleDeleted])
        }
    }

    @Test("the shelves hold what is published, by category and title", arguments: TestEngine.all)
    func shelves(on engine: TestEngine) async throws {
        try await withDesk(on: engine) { desk in
            for title in ["b", "a", "f", "e", "d", "c"] { try await desk.article(title) { $0.category = "Your Account" } }
            try await desk.article("alone")
            try await desk.article("hidden", isPublished: false) { $0.category = "Secret" }
            let shelves = try await desk.desk.helpShelves(for: .server)
            #expect(shelves.map(\.slug) == ["your-account", "other"] && shelves.map(\.count) == [6, 1])
            #expect(shelves[0].first.map(\.title) == ["a", "b", "c", "d", "e"] && shelves[1].name == nil)
            let rest = try await desk.read { look in try await look.helpEntries(on: "your-account", offset: 5, atMost: 5) }
            #expect(rest.map(\.title) == ["f"])
            #expect(try await desk.desk.helpEntries(for: .server).count == 7)
            try await desk.article("another") { $0.category = "Billing" }
            #expect(try await desk.desk.helpShelves(for: .server).map(\.slug) == ["billing", "your-account", "other"])
        }
    }
}
