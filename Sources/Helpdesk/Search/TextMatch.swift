public import Domain
internal import Storage

/// What words a row has to hold: a tree, of which each engine is told in its own way. Nothing in it is an operator to an engine.
public indirect enum TextMatch: Sendable, Equatable {
    case word(String)
    /// A word that begins so.
    case beginning(String)
    case phrase(String)
    case all([TextMatch])
    case any([TextMatch])
    case except(TextMatch, TextMatch)
    /// No words, but any row of what this person asked.
    case requester(Identifier<Person>)
}

extension TextMatch {
    /// Any of its words, but for those that must not be there.
    var words: TextMatch { .any(leaves) }

    private var leaves: [TextMatch] {
        switch self {
        case .word, .beginning, .phrase: [self]
        case .all(let parts), .any(let parts): parts.flatMap(\.leaves)
        case .except(let left, _): left.leaves
        case .requester: []
        }
    }
}

// MARK: - SQLite

extension TextMatch {
    /// In FTS5's language, every word in quotes; nil when nothing is left to look for.
    ///
    /// Words that stand in nearly every text are left out, as PostgreSQL does by itself: SQLite would look through their long lists.
    /// - Parameter columns: those that words may stand in; nil for all.
    func fts5(leavingOut common: Set<String>, in columns: String? = nil) -> String? {
        let place = columns.map { "{\($0)} : " } ?? ""
        return switch self {
        case .word(let word): common.contains(word.lowercased()) ? nil : place + Self.quoted(word)
        case .beginning(let word): place + Self.quoted(word) + " *"
        case .phrase(let phrase): place + Self.quoted(phrase)
        case .requester(let person): "scope : " + Self.quoted(SearchScope.sqlite(person))
        case .all(let parts): Self.joined(parts.map { $0.fts5(leavingOut: common, in: columns) }, " AND ")
        case .any(let parts): Self.joined(parts.map { $0.fts5(leavingOut: common, in: columns) }, " OR ")
        case .except(let left, let right):
            left.fts5(leavingOut: common, in: columns).map { left in
                right.fts5(leavingOut: common, in: columns).map { right in "(\(left) NOT \(right))" } ?? left
            }
        }
    }

    private static func joined(_ parts: [String?], _ operation: String) -> String? {
        let parts = parts.compactMap { $0 }
        return parts.isEmpty ? nil : parts.count == 1 ? parts[0] : "(\(parts.joined(separator: operation)))"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

// MARK: - PostgreSQL

extension TextMatch {
    /// As a `tsquery`, made once for a statement and not for each row. One of common words only is empty: see `numnode` where it is used.
    var tsquery: SQL { "(SELECT \(made))" }

    private var made: SQL {
        switch self {
        case .word(let word), .phrase(let word): "search_query(\(word))"
        case .beginning(let word): "search_prefix(\(word))"
        case .requester(let person): "CAST(\(SearchScope.postgres(person)) AS tsquery)"
        case .all(let parts): "(\(parts.map(\.made).joined(by: " && ")))"
        case .any(let parts): "(\(parts.map(\.made).joined(by: " || ")))"
        case .except(let left, let right): "(\(left.made) && !!\(right.made))"
        }
    }
}

/// The words that PostgreSQL's English dictionary leaves out.
enum CommonWords {
    static let english: Set<String> = Set(
        """
        i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself they \
        them their theirs themselves what which who whom this that these those am is are was were be been being have has had having do does \
        did doing a an the and but if or because as until while of at by for with about against between into through during before after \
        above below to from up down in out on off over under again further then once here there when where why how all any both each few \
        more most other some such no nor not only own same so than too very s t can will just don should now
        """.split(separator: " ").map(String.init))
}
