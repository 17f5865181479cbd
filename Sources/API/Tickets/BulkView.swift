internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// What became of tickets that were changed at once.
struct BulkResult: Shaped {
    var items: [BulkItemView] = []
    var isDryRun = false

    static let shape = Shape("BulkResult", "What became of the tickets, in the order in which they were named", BulkResult()) {
        Field("items", \.items, .list(of: .object(BulkItemView.self), atMost: Bulk.most), "One for each ticket")
        Field("changed", from: { $0.count(.changed) + $0.count(.wouldChange) }, .integer(0...Bulk.most), "How many became other, or would")
        Field("unchanged", from: { $0.count(.unchanged) }, .integer(0...Bulk.most), "How many were so already")
        Field("refused", from: { $0.count(.refused) }, .integer(0...Bulk.most), "How many stay as they are, for the reason that they tell")
        Field("dry_run", \.isDryRun, .boolean, "Whether nothing was changed")
    }

    private func count(_ outcome: BulkItemView.Outcome) -> Int { items.count { $0.outcome == outcome } }
}

/// What became of one ticket.
struct BulkItemView: Shaped {
    enum Outcome: String, CaseIterable, Sendable, Word {
        case changed, unchanged, refused
        case wouldChange = "would_change"
    }

    var name = TicketName.number(1)
    var id: Ticket.ID?
    var number: Int?
    var outcome = Outcome.unchanged
    var error: String?
    var message: String?

    static let shape = Shape("BulkItem", "What became of one ticket", BulkItemView()) {
        Field("ticket", \.name, .ticketName, "The ticket, as it was named")
        Field("id", \.id, Kind<Ticket.ID>.id(Ticket.self).optional, "Its id; null when there is none that the caller sees")
        Field("number", \.number, Kind<Int>.integer(1...Int.max).optional, "Its number")
        Field("status", \.outcome, .word(Outcome.self), "What became of it")
        Field("error", \.error, Kind<String>.text(1...40).orAbsent, "Why it was refused, in a word")
        Field("message", \.message, Kind<String>.text(1...1000).orAbsent, "Why it was refused, in a sentence")
    }

    init() {}

    init(_ item: BulkItem, isDryRun: Bool = false) {
        name = item.name
        (id, number) = (item.ticket?.id, item.ticket?.number)
        switch item.outcome {
        case .changed: outcome = isDryRun ? .wouldChange : .changed
        case .unchanged: outcome = .unchanged
        case .refused(let why):
            outcome = .refused
            let refusal = Refusal(desk: why)
            error = (refusal?.status.code ?? "CONFLICT").description
            message = refusal?.faults?.list.first?.message ?? refusal?.message
        }
    }

    /// One that was not come to, or whose transaction was cut off.
    init(_ target: BulkTarget, cutOffBy refusal: Refusal) {
        (name, id) = (target.name, target.id)
        outcome = .refused
        error = refusal.status.code.description
        message = refusal.message
    }

    /// One that is meant, before anything became of it.
    init(_ target: BulkTarget) { (name, id) = (target.name, target.id) }
}

/// Items as they are kept between one transaction of a bulk change and the next.
struct KeptItems: Shaped {
    var items: [BulkItemView] = []

    static let shape = Shape("KeptItems", "Items of a bulk change", KeptItems()) {
        Field("items", \.items, .list(of: .object(BulkItemView.self), atMost: Bulk.most), "The items")
    }

    var answer: KeptAnswer { KeptAnswer(status: 200, fields: [], body: JSON.bytes(of: self)) }

    /// What `write(once:)` gave, now or before.
    static func items(_ outcome: Outcome<KeptItems>) throws -> [BulkItemView] {
        switch outcome {
        case .done(let kept): kept.items
        case .repeated(let answer): try answer.body.withUnsafeBytes { try shape.read(ours: $0).items }
        }
    }
}
