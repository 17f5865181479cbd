internal import Codec
internal import Domain
internal import Helpdesk

/// What it takes to write an article.
struct NewArticle: Shaped {
    var draft = ArticleDraft()

    static let shape = Shape("NewArticle", "What it takes to write an article", NewArticle()) {
        Field("title", \.draft.title, .oneLine(1...255), "What it is about")
        Field("content", \.draft.content, .text(1...65_536), "The text, in Markdown")
        Field("category", \.draft.category, Kind<String>.oneLine(1...100).optional, "Where it belongs")
        Field("tags", \.draft.tags, .tags, "Words to find it by", required: false)
        Field("is_published", \.draft.isPublished, .boolean, "Whether it is for everybody; a draft is the staff's", required: false)
        Field("slug", \.draft.slug, Kind<String>.slug.orAbsent, "What its address ends with; made of the title when it is not given")
    }
}

/// What of an article shall become other. What is not given stays.
struct ArticleChange: Shaped {
    var edit = ArticleEdit()

    static let shape = Shape("ArticleChange", "What of an article shall become other; what is not given stays", ArticleChange()) {
        Field("title", \.edit.title, Kind<String>.oneLine(1...255).orAbsent, "What it is about")
        Field("content", \.edit.content, Kind<String>.text(1...65_536).orAbsent, "The text, in Markdown")
        Field("category", \.edit.category, Kind<String>.oneLine(1...100).change, "Where it belongs")
        Field("tags", \.edit.tags, Kind<[String]>.tags.change, "Words to find it by")
        Field("is_published", \.edit.isPublished, Kind<Bool>.boolean.orAbsent, "Whether it is for everybody")
        Field(
            "slug", \.edit.slug, Kind<String>.slug.orAbsent,
            "What its address ends with; the one before goes on leading to it. Until it is first published it follows the title")
    }
}

/// What an article is given with.
struct ArticleParts: Shaped {
    var parts: [TextPart] = []

    static let shape = Shape("ArticleParts", "What an article is given with", ArticleParts()) {
        Field("include", \.parts, .list(of: .word(TextPart.self), atMost: 10), "`html`: the text as HTML too", required: false)
    }
}

/// The query of a list of articles.
struct ArticleQuery: PagedQuery {
    var filter = ArticleFilter()
    var parts: [TextPart] = []
    var paging = Paging()

    var list: ArticleQuery {
        var list = ArticleQuery()
        list.filter = filter
        return list
    }

    var bytes: Int { parts.isEmpty ? SliceRequest.mostBytes : SliceRequest.mostBytesWithHTML }

    static let shape = Shape("ArticleQuery", "Which articles", ArticleQuery()) {
        Field("category", \.filter.category, Kind<String>.text(1...100).orAbsent, "Where they belong")
        Field("tag", \.filter.tag, Kind<String>.text(1...50).orAbsent, "One of their tags")
        Field("is_published", \.filter.isPublished, Kind<Bool>.boolean.orAbsent, "Only what is published, or for staff only drafts")
        Field("include", \.parts, .list(of: .word(TextPart.self), atMost: 10), "`html`: the texts as HTML too", required: false)
        Field.all(of: \.paging, Paging.fields)
    }
}

/// The categories that have published articles.
struct CategoryList: Shaped {
    var items: [CategoryView] = []

    static let shape = Shape("CategoryList", "The categories that have published articles", CategoryList()) {
        Field("items", \.items, .list(of: .object(CategoryView.self), atMost: 200), "By name")
        Field("next", from: { _ in nil }, Kind<String>.text(0...0).optional, "Always null: there is one page, of 200 categories at most")
    }
}

struct CategoryView: Shaped {
    var name: String
    var slug: String
    var count: Int

    /// Nil for what is in no category.
    init?(_ shelf: HelpShelf) {
        guard let name = shelf.name else { return nil }
        (self.name, slug, count) = (name, shelf.slug, shelf.count)
    }

    private init() { (name, slug, count) = ("", "", 0) }

    static let shape = Shape("Category", "A category of articles", CategoryView()) {
        Field("name", \.name, .text(1...100), "What its authors call it")
        Field("slug", \.slug, .text(1...200), "What its help page's address ends with")
        Field("article_count", \.count, .integer(0...Int.max), "How many published articles it has")
    }
}

extension Kind {
    /// A slug that an author may choose.
    static var slug: Kind<String> {
        // Letters of any script; of ASCII those that are neither capitals nor marks.
        let schema = Schema.pattern("^[^\\sA-Z!-/:-@\\[-`{-~]+(-[^\\sA-Z!-/:-@\\[-`{-~]+)*$", 1...Slug.longest)
        return Kind<String>.text(1...Slug.longest).described(as: schema).checked { text in
            Slug.isSane(text)
                ? nil
                : Fault("value_error", "A slug has lower-case letters and digits with single hyphens between them, and is no reserved word")
        }
    }
}
