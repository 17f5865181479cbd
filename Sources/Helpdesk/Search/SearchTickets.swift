public import Domain
internal import Storage

/// A ticket that a search found, and where: a piece of its text with what was found between marks.
public struct FoundTicket: Sendable {
    public var ticket: Ticket
    /// Nil in a list that was not searched for.
    public var snippet: Snippet?

    public init(ticket: Ticket, snippet: Snippet? = nil) {
        self.ticket = ticket
        self.snippet = snippet
    }
}

extension Look {
    /// A slice of the tickets that a question finds, the best first, as far as the caller may see them. With nothing to be found in words it
    /// is the plain list. Within `survey` only: it takes long.
    public func tickets(
        _ query: SearchQuery, narrowedBy list: TicketFilter = TicketFilter(), _ slice: SliceRequest, as caller: Caller
    ) async throws -> Slice<FoundTicket> {
        guard query.hasWords else {
            guard let filter = try await filter(of: query, as: caller)?.narrowed(by: list) else { return Slice(items: []) }
            return try await tickets(filter, slice, as: caller).map { FoundTicket(ticket: $0, snippet: Snippet(beginning: $0.description)) }
        }
        guard var search = try await search(query, narrowedBy: list, as: caller) else { return Slice(items: []) }
        let page = try await search.page(slice)
        let tickets = try await db.tickets(of: page.finds, atMost: slice.bytes)
        let shown = Array(page.finds.prefix(tickets.count))
        let items = try await found(shown, tickets, search.found, search.index)
        let next = shown.count < page.finds.count ? page.places[max(shown.count - 1, 0)] : page.next
        let total = slice.isCounted ? try await search.count() : nil
        return Slice(items: items, next: next?.position, total: total)
    }

    /// A search for words, among what the caller may see; nil when nothing can be found.
    func search(_ query: SearchQuery, narrowedBy list: TicketFilter, as caller: Caller) async throws -> TicketSearch? {
        guard var filter = try await filter(of: query, as: caller)?.narrowed(by: list) else { return nil }
        if filter.isInBin {
            throw DeskError.invalid([InvalidField("deleted", "search_bin", "What is in the bin is not searched for words")])
        }
        if !caller.isStaff {
            guard filter.allRequesters.map({ $0.contains(caller.id) }) ?? true else { return nil }
            (filter.requester, filter.requesters) = (caller.id, [])
        }
        let index = TicketIndex(
            caller: caller, condition: TicketListing.conditions(filter, for: caller, on: db.engine), engine: db.engine,
            common: try await db.commonWords())
        // A customer finds what they asked themselves, and knows what they are called.
        let names = caller.isStaff ? try await NamedRequesters(called: query.wanted, beginning: query.beginning, db) : nil
        return TicketSearch(query, index, names, db)
    }

    /// The tickets in the order of the finds, each with its snippet.
    func found(_ finds: [TicketIndex.Find], _ match: TextMatch, _ index: TicketIndex) async throws -> [FoundTicket] {
        try await found(finds, try await db.tickets(of: finds, atMost: SliceRequest.mostBytes), match, index)
    }

    /// - Parameters:
    ///   - tickets: those of the finds; nil for one that is gone meanwhile.
    ///   - match: what the rows that were found hold.
    private func found(
        _ finds: [TicketIndex.Find], _ tickets: [Ticket?], _ match: TextMatch, _ index: TicketIndex
    ) async throws -> [FoundTicket] {
        guard !finds.isEmpty else { return [] }
        let known = Dictionary(tickets.compactMap { ticket in ticket.map { ($0.number, $0) } }) { first, _ in first }
        let snippets = try await db.snippets(of: finds, in: known, match, index)
        return finds.compactMap { find in
            known[find.number].map { FoundTicket(ticket: $0, snippet: snippets[find.number] ?? Snippet(beginning: $0.description)) }
        }
    }
}

extension Connection {
    /// A usual page of finds, and no more of the longest descriptions than a page has room for.
    private static var findsAtOnce: Int { 20 }

    /// The tickets of the finds, in their order, until their descriptions have so many bytes; nil for one that is gone meanwhile.
    func tickets(of finds: [TicketIndex.Find], atMost bytes: Int) async throws -> [Ticket?] {
        var tickets: [Ticket?] = []
        var sum = 0
        while tickets.count < finds.count {
            let batch = finds[tickets.count...].prefix(Self.findsAtOnce).map(\.number)
            let rows = try await all(
                "SELECT \(.ticketColumns) FROM tickets t \(.ticketPeople) WHERE t.number IN \(list: batch)"
            ) { $0.ticket() }
            let found = Dictionary(rows.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
            for number in batch {
                sum += found[number]?.description.utf8.count ?? 0
                if sum > bytes, !tickets.isEmpty { return tickets }
                tickets.append(found[number])
            }
        }
        return tickets
    }
}

/// One search under way: its pages are made of sheaves.
struct TicketSearch {
    private let query: SearchQuery
    let index: TicketIndex
    private let names: NamedRequesters?
    private let db: Connection
    /// What the rows of the page hold.
    private(set) var found: TextMatch

    /// How many sheaves one page is made of at most; a page may be short then, and go on.
    private static let mostSheaves = 16

    init(_ query: SearchQuery, _ index: TicketIndex, _ names: NamedRequesters?, _ db: Connection) {
        self.query = query
        self.index = index
        self.names = names
        self.db = db
        found = .all(query.wanted)
        found = widened(found)
    }

    private func widened(_ match: TextMatch) -> TextMatch { names?.widened(match) ?? match }

    /// What a page is made of: its finds, where the search stands behind each of them, and where the next page begins; nil when nothing follows.
    struct Page {
        var finds: [TicketIndex.Find] = []
        var places: [SearchPlace] = []
        var next: SearchPlace?

        fileprivate mutating func append(_ find: TicketIndex.Find, at place: SearchPlace) {
            var place = place
            place.last = find.rank
            finds.append(find)
            places.append(place)
        }

        fileprivate func dropping(_ count: Int, next: SearchPlace?) -> Page {
            Page(finds: Array(finds.dropFirst(count)), places: Array(places.dropFirst(count)), next: next)
        }
    }

    mutating func page(_ slice: SliceRequest) async throws -> Page {
        var place = slice.after.map { SearchPlace($0) } ?? SearchPlace()
        var page = Page()
        let wanted = slice.offset + slice.limit
        for _ in 0..<Self.mostSheaves {
            let (sheaf, next) = try await sheaf(&place)
            if place.stage == .beginnings { found = widened(query.wantedOrLonger) }
            for find in sheaf {
                if page.finds.count == wanted { return page.dropping(slice.offset, next: page.places.last) }
                page.append(find, at: place)
            }
            guard let next else { return page.dropping(slice.offset, next: nil) }
            place = next
        }
        return page.dropping(slice.offset, next: place)
    }

    /// What is left of the sheaf at `place`, the best first, a find a ticket; and the sheaf behind it. A sheaf without an upper end gets one.
    private func sheaf(_ place: inout SearchPlace) async throws -> ([TicketIndex.Find], SearchPlace?) {
        let (match, positive) = question(place.stage)
        let tickets = place.tickets > 0 ? try await index.tickets(match, positive: positive, below: place.tickets, db) : TicketIndex.Sheaf()
        let comments =
            place.comments > 0 ? try await index.comments(match, positive: positive, below: place.comments, db) : TicketIndex.Sheaf()
        if place.tickets == SearchPlace.highest { place.tickets = tickets.top }
        if place.comments == SearchPlace.highest { place.comments = comments.top }
        var best: [Int: TicketIndex.Find] = [:]
        for find in tickets.finds + comments.finds where find.score > best[find.number]?.score ?? -1 { best[find.number] = find }
        try await dropMet(&best, place, match)
        var ranked = best.values.sorted { $0.rank > $1.rank }
        if let last = place.last { ranked = ranked.filter { $0.rank < last } }
        return (ranked, next(after: place, tickets.next, comments.next))
    }

    /// Takes away the tickets that came already: in an earlier sheaf, or with the words as they are.
    private func dropMet(_ best: inout [Int: TicketIndex.Find], _ place: SearchPlace, _ match: TextMatch) async throws {
        var met: Set<Int> = []
        if place.isLater {
            met = try await index.met(Array(best.keys), match, ticketsFrom: place.tickets, commentsFrom: place.comments, db)
        }
        if place.stage == .beginnings {
            met.formUnion(try await index.met(Array(best.keys), question(.words).match, ticketsFrom: 0, commentsFrom: 0, db))
        }
        for number in met { best[number] = nil }
    }

    private func next(after place: SearchPlace, _ tickets: Int, _ comments: Int) -> SearchPlace? {
        var next = SearchPlace()
        if tickets > 0 || comments > 0 {
            next.stage = place.stage
            (next.tickets, next.comments, next.isLater) = (tickets, comments, true)
            return next
        }
        guard place.stage == .words, query.beginning != nil else { return nil }
        next.stage = .beginnings
        return next
    }

    /// What a stage looks for, and the same without what must not be there.
    private func question(_ stage: SearchPlace.Stage) -> (match: TextMatch, positive: TextMatch) {
        var wanted = query.wanted
        var unwanted = query.unwanted
        if stage == .beginnings, let beginning = query.beginning {
            wanted[wanted.count - 1] = .beginning(beginning)
            unwanted.append(widened(.word(beginning)))
        }
        let positive = widened(.all(wanted))
        return (unwanted.isEmpty ? positive : .except(positive, .any(unwanted)), positive)
    }

    /// How many tickets there are in all, counted no further than lists are.
    func count() async throws -> Int {
        let positive = widened(query.wantedOrLonger)
        let match: TextMatch = query.unwanted.isEmpty ? positive : .except(positive, .any(query.unwanted))
        return try await db.first(index.counting(match, positive: positive)) { $0.int() } ?? 0
    }
}

extension TicketIndex.Find {
    var rank: SearchPlace.Rank { SearchPlace.Rank(score: score, number: number) }
}

extension SearchQuery {
    /// All that is wanted, with the last as a word or as the beginning of one.
    fileprivate var wantedOrLonger: TextMatch {
        guard let beginning else { return .all(wanted) }
        return .all(wanted.dropLast() + [.any([.word(beginning), .beginning(beginning)])])
    }

    /// What is marked in a snippet of an article.
    var marked: TextMatch { .any(wanted + (beginning.map { [.beginning($0)] } ?? [])) }
}
