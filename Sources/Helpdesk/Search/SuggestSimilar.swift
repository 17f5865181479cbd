internal import Codec
public import Domain
internal import Storage

extension Look {
    /// Tickets like the one whose text somebody is typing, and articles that may answer it. A few of each; for a customer their own tickets,
    /// and what is published. A text in which nothing stands out finds nothing.
    public func similar(to text: String, as caller: Caller) async throws -> (tickets: [FoundTicket], articles: [FoundArticle]) {
        guard let match = TextMatch(similarTo: text) else { return ([], []) }
        var filter = TicketFilter()
        if !caller.isStaff { filter.requester = caller.id }
        let common = try await db.commonWords()
        let index = TicketIndex(
            caller: caller, condition: TicketListing.conditions(filter, for: caller, on: db.engine), engine: db.engine, common: common)
        let finds = try await index.tickets(match, positive: match, below: SearchPlace.highest, db).finds
            .sorted { $0.rank > $1.rank }.prefix(Self.mostSimilar)
        let articleIndex = ArticleIndex(isStaff: caller.isStaff, condition: "", engine: db.engine, common: common)
        let articleFinds = try await articleIndex.finds(match, match, raised: 0, db)
            .sorted { ($0.score, $0.number) > ($1.score, $1.number) }.prefix(Self.mostSimilar)
        return (
            try await found(Array(finds), match, index),
            try await found(Array(articleFinds.map(\.number)), marked: match, articleIndex)
        )
    }

    private static var mostSimilar: Int { 5 }
}

extension TextMatch {
    /// What a text like this one holds: two of its longest words, for these tell most of it; the only one if it has one.
    init?(similarTo text: String) {
        var seen: Set<String> = []
        let words = text.split { !($0.isLetter || $0.isNumber) }.map { $0.lowercased() }
            .filter { $0.count >= 3 && !CommonWords.english.contains($0) && seen.insert($0).inserted }
        let telling = words.sorted { ($0.count, $1) > ($1.count, $0) }.prefix(5).map { TextMatch.word($0) }
        guard let first = telling.first else { return nil }
        guard telling.count > 1 else {
            self = first
            return
        }
        let pairs = telling.indices.flatMap { left in
            telling.indices.filter { $0 > left }.map { TextMatch.all([telling[left], telling[$0]]) }
        }
        self = pairs.count == 1 ? pairs[0] : .any(pairs)
    }
}
