public import Domain
internal import Storage
internal import Synchronization

/// A category with how many published articles it has, and the first of them.
public struct HelpShelf: Sendable {
    /// What its address ends with.
    public let slug: String
    /// As its authors call it; nil for what is in no category.
    public let name: String?
    public let count: Int
    public let first: [HelpEntry]
}

/// A published article as a list of the help pages names it.
public struct HelpEntry: Sendable, Equatable {
    public let slug: String
    public let title: String
    public let updatedAt: Moment
}

/// The shelves as this node last saw them. Everybody who comes to the help pages asks for them, and they take a look at all articles.
final class HelpShelves: Sendable {
    /// Another node's changes are seen after so many milliseconds; this node's at once.
    private static let life = 3_000

    private let known = Mutex<(shelves: [HelpShelf], at: Moment)?>(nil)
    private let generation = Mutex(0)

    func recent(at now: Moment) -> [HelpShelf]? {
        known.withLock { known in
            guard let known, now.milliseconds - known.at.milliseconds < Self.life else { return nil }
            return known.shelves
        }
    }

    /// What is looked at now is kept only if nothing changes meanwhile.
    func begin() -> Int { generation.withLock { $0 } }

    func keep(_ shelves: [HelpShelf], at now: Moment, since began: Int) {
        let isCurrent = generation.withLock { $0 == began }
        if isCurrent { known.withLock { $0 = (shelves, now) } }
    }

    func forget() {
        generation.withLock { $0 += 1 }
        known.withLock { $0 = nil }
    }
}

extension Desk {
    /// The categories that have published articles, by name.
    public func helpShelves(for asker: Asker) async throws -> [HelpShelf] {
        let now = outside.now()
        if let shelves = shelves.recent(at: now) { return shelves }
        let began = shelves.begin()
        let found = try await survey(for: asker) { look in try await look.db.helpShelves() }
        shelves.keep(found, at: now, since: began)
        return found
    }

    /// All published articles, for those who list what there is; at most as many as one sitemap may have.
    public func helpEntries(for asker: Asker) async throws -> [HelpEntry] {
        try await survey(for: asker) { look in
            try await look.db.all(
                "SELECT a.slug, a.title, a.updated_at FROM articles a WHERE a.is_published = TRUE ORDER BY a.created_at, a.id LIMIT 50000"
            ) { $0.helpEntry() }
        }
    }
}

extension Look {
    /// The published articles of a category, by title: so many behind `offset`, and one more.
    public func helpEntries(on shelf: String, offset: Int, atMost count: Int) async throws -> [HelpEntry] {
        try await db.all(
            """
            SELECT a.slug, a.title, a.updated_at FROM articles a WHERE a.is_published = TRUE AND a.category_slug = \(shelf)
            ORDER BY a.title_key, a.id LIMIT \(count + 1) OFFSET \(offset)
            """
        ) { $0.helpEntry() }
    }
}

extension Connection {
    private static let shown = 5

    fileprivate func helpShelves() async throws -> [HelpShelf] {
        let counts = try await all(
            """
            SELECT a.category_slug, min(a.category), count(*) FROM articles a WHERE a.is_published = TRUE
            GROUP BY a.category_slug ORDER BY a.category_slug LIMIT 200
            """
        ) { row in (slug: row.text(), name: row.optionalText(), count: row.int()) }
        let first = try await all(
            """
            SELECT k.category_slug, k.slug, k.title, k.updated_at FROM (
                SELECT a.category_slug, a.slug, a.title, a.updated_at,
                    row_number() OVER (PARTITION BY a.category_slug ORDER BY a.title_key, a.id) AS place
                FROM articles a WHERE a.is_published = TRUE) k
            WHERE k.place <= \(Self.shown) ORDER BY k.category_slug, k.place LIMIT 1000
            """
        ) { row in (shelf: row.text(), entry: row.helpEntry()) }
        let entries = Dictionary(grouping: first, by: \.shelf)
        let shelves = counts.map { count in
            HelpShelf(slug: count.slug, name: count.name, count: count.count, first: entries[count.slug]?.map(\.entry) ?? [])
        }
        // What is in no category stands last.
        return shelves.filter { $0.name != nil } + shelves.filter { $0.name == nil }
    }
}

extension Row {
    fileprivate mutating func helpEntry() -> HelpEntry { HelpEntry(slug: text(), title: text(), updatedAt: moment()) }
}
