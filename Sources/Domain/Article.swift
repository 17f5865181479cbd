/// Something the staff wrote down for everybody who may ask.
public struct Article: Sendable, Equatable {
    public typealias ID = Identifier<Article>

    public var id: ID
    /// What its address ends with. Earlier ones still lead to it.
    public var slug: String
    public var title: String
    /// In Markdown.
    public var content: String
    public var category: String?
    public var tags: [String]
    /// Whether it is for everybody; a draft is the staff's.
    public var isPublished: Bool
    /// Whether it is or was for everybody. Until then its slug leads nobody anywhere, and may change without a trace.
    public var wasPublished: Bool
    /// Whether an author chose the slug, so that it does not follow the title.
    public var hasChosenSlug: Bool
    public var author: Party
    /// How often it was read, as far as that is written down. No part of the revision.
    public var viewCount: Int
    public var votes: Votes
    public var createdAt: Moment
    public var updatedAt: Moment
    /// Counts the changes of what it says; the number of its newest version.
    public var revision: Int

    /// How many found it helpful, and how many did not. No part of the revision.
    public struct Votes: Sendable, Equatable {
        public var helpful: Int
        public var unhelpful: Int

        public init(helpful: Int = 0, unhelpful: Int = 0) {
            self.helpful = helpful
            self.unhelpful = unhelpful
        }
    }

    public init(
        id: ID, slug: String, title: String, content: String, category: String?, tags: [String], isPublished: Bool, author: Party,
        viewCount: Int = 0, votes: Votes = Votes(), createdAt: Moment, updatedAt: Moment, revision: Int = 1, wasPublished: Bool? = nil,
        hasChosenSlug: Bool = false
    ) {
        self.id = id
        self.slug = slug
        self.title = title
        self.content = content
        self.category = category
        self.tags = tags
        self.isPublished = isPublished
        self.wasPublished = wasPublished ?? isPublished
        self.hasChosenSlug = hasChosenSlug
        self.author = author
        self.viewCount = viewCount
        self.votes = votes
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }
}

/// What an article said once.
public struct ArticleVersion: Sendable, Equatable {
    public var article: Article.ID
    /// The revision that it was.
    public var number: Int
    public var title: String
    public var content: String
    public var category: String?
    public var tags: [String]
    public var isPublished: Bool
    /// Who made it.
    public var editor: Party
    public var createdAt: Moment

    public init(
        article: Article.ID, number: Int, title: String, content: String, category: String?, tags: [String], isPublished: Bool,
        editor: Party, createdAt: Moment
    ) {
        self.article = article
        self.number = number
        self.title = title
        self.content = content
        self.category = category
        self.tags = tags
        self.isPublished = isPublished
        self.editor = editor
        self.createdAt = createdAt
    }
}

/// How a caller names an article: by id, or by its slug or an earlier one.
public enum ArticleName: Hashable, Sendable {
    case id(Article.ID)
    case slug(String)
}

extension Caller {
    /// Everybody reads what is published; drafts are the staff's.
    public func maySee(_ article: Article) -> Bool { article.isPublished || isStaff }

    /// Staff write articles, change and delete them, and see what they said before.
    public var mayWriteArticles: Bool { isStaff }
}

extension Article {
    /// Throws `.stale` unless the caller knows the article as it is now.
    public func mustBe(at known: Int?) throws(DeskError) {
        guard known == nil || known == revision else { throw .stale }
    }
}
