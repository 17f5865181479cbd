public import Domain
internal import Storage

/// Which articles somebody asks for, newest first.
public struct ArticleFilter: Sendable, Equatable {
    public var category: String?
    public var tag: String?
    /// Only drafts, or only what is published; nil for all that the caller may see.
    public var isPublished: Bool?

    public init() {}
}

extension Look {
    /// A slice of the articles that the filter asks for and the caller may see; nil is somebody without a credential.
    public func articles(_ filter: ArticleFilter, _ slice: SliceRequest, as caller: Caller?) async throws -> Slice<Article> {
        let listing = ArticleListing(filter: filter, slice: slice, seesDrafts: caller?.isStaff ?? false)
        let rows = try await db.rows(listing.page(on: db.engine), slice, size: \.content.utf8.count) { $0.article() }
        var total: Int?
        if slice.isCounted { total = try await db.first(listing.counting) { $0.int() } }
        return Slice(
            rows, slice, total: total, at: { Position(key: $0.createdAt.milliseconds, tie: $0.id.bits) }, size: \.content.utf8.count)
    }
}

/// A list of articles as SQL, along the index of a tag, of a category, or of all.
struct ArticleListing {
    let filter: ArticleFilter
    let slice: SliceRequest
    let seesDrafts: Bool

    /// The slice's articles and one more.
    func page(on engine: Engine) -> SQL {
        let rows: SQL = """
            SELECT \(.articleColumns) FROM \(source) JOIN people p ON p.id = a.author_id
            WHERE \(conditions(after: slice.after)) ORDER BY \(place) DESC, \(tie) DESC\(slice.room)
            """
        return slice.bound(rows, size: "octet_length(q.content)", in: "q.created_at DESC, q.id DESC", on: engine)
    }

    var counting: SQL { "SELECT count(*) FROM (SELECT 1 AS one FROM \(source) WHERE \(conditions(after: nil)) LIMIT 10000) k" }

    // CROSS: SQLite keeps that order of its loops.
    private var source: SQL { filter.tag == nil ? "articles a" : "article_tags g CROSS JOIN articles a" }
    private var place: SQL { filter.tag == nil ? "a.created_at" : "g.created_at" }
    private var tie: SQL { filter.tag == nil ? "a.id" : "g.article_id" }

    private func conditions(after position: Position?) -> SQL {
        var all: [SQL] = []
        if let tag = filter.tag { all.append("g.tag = \(tagKey(tag)) AND a.id = g.article_id") }
        if let category = filter.category { all.append("a.category = \(category)") }
        if let position { all.append("(\(place), \(tie)) < (\(position.key), \(position.tie))") }
        // Literals, since an index of some rows only serves who asks for just those.
        if filter.isPublished == true || !seesDrafts { all.append("a.is_published = TRUE") }
        if filter.isPublished == false { all.append("a.is_published = FALSE") }
        return all.isEmpty ? "TRUE" : all.joined(by: " AND ")
    }
}
