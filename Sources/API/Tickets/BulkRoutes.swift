internal import Codec
internal import Domain
internal import HTTP
internal import Helpdesk

/// `POST /tickets/bulk`: the same done to many tickets.
public enum BulkRoutes {
    public static func declare(in desk: inout DeskRoutes) {
        let accounts = desk.desk
        desk.routes.answered(
            .post, "/tickets/bulk", .staff, "Does the same to many tickets, and tells what became of each", query: Nothing.self,
            takes: BulkBody.self, gives: Self.answer
        ) { request in
            _ = try request.query(as: Nothing.self, unknown: .refused)
            let whole = try await request.wholeBody(as: BulkBody.self)
            let body = try BulkBody.read(json: whole, unknown: .refused)
            guard try request.expectedRevision() == nil else { throw Refusal.badRequest("If-Match names one ticket, and these are many") }
            let caller = try request.mustBeSignedIn()
            // What a filter finds, and what a dry run foresees, tells of tickets that the caller did not name.
            if body.isDryRun || body.filter != nil { try caller.mustBeAllowedToRead() }
            let change = BulkChange(desk: accounts, act: try body.act(), caller: caller, byteCount: request.byteCount)
            return try await Self.serve(body, change, try request.repeatable(by: caller, whole))
        }
    }

    static let answer = Answer<BulkResult>.ok(BulkResult.self)

    private static func serve(_ body: BulkBody, _ change: BulkChange, _ request: RepeatableRequest?) async throws -> Response {
        if body.isDryRun { return Routes.response(answer, try await change.foresee(body)) }
        if let request, let kept = try await change.desk.keptAnswer(to: request) { return Response(kept) }
        switch body.mode {
        case .each: return Routes.response(answer, try await change.doEach(body, once: request))
        case .all: return try await change.doAll(body, once: request)
        }
    }
}

/// A bulk change under way.
private struct BulkChange: Sendable {
    let desk: Desk
    let act: BulkAct
    let caller: Caller
    /// Each ticket that becomes other stores as much as a change of its own.
    let byteCount: (any ByteCount)?

    private func targets(_ body: BulkBody) async throws -> [BulkTarget] {
        let (act, caller) = (act, caller)
        if let text = body.filter?.text, let filter = body.filter?.filter {
            let query = try SearchQuery(text, at: "filter.q")
            return try await desk.search(for: Asker(caller)) { look in
                try await look.check(act, as: caller)
                return try await look.bulkTargets(query, narrowedBy: filter, as: caller)
            }
        }
        return try await desk.survey(for: Asker(caller)) { look in
            try await look.check(act, as: caller)
            guard let filter = body.filter?.filter else { return try await look.bulkTargets(body.ids ?? []) }
            return try await look.bulkTargets(filter, as: caller)
        }
    }

    func foresee(_ body: BulkBody) async throws -> BulkResult {
        let (act, caller) = (act, caller)
        let targets = try await targets(body)
        let items = try await desk.survey(for: Asker(caller)) { look in try await look.foresee(act, targets, as: caller) }
        return BulkResult(items: items.map { BulkItemView($0, isDryRun: true) }, isDryRun: true)
    }

    // MARK: - Each for itself

    /// A transaction for every few tickets, so that nobody waits for all of them. Of a request with a key the tickets that were meant are
    /// kept first, and what became of each few with the change itself: when the request comes again, after whatever interrupted it, it
    /// goes on where it was, and changes nothing twice. A request without a key cannot go on, so where it was interrupted it tells what
    /// became of the tickets before, and of the others why they were not changed.
    func doEach(_ body: BulkBody, once request: RepeatableRequest?) async throws -> BulkResult {
        let meant = try await meant(body, once: request)
        var outcomes: [TicketName: BulkItemView] = [:]
        let batches = meant.inBatches
        for (number, few) in batches.enumerated() {
            do {
                for item in try await done(few, once: request?.part(number + 1)) { outcomes[item.name] = item }
            } catch {
                guard request == nil, number > 0, let refusal = error as? Refusal ?? Refusal(desk: error) else { throw error }
                for target in batches[number...].joined() { outcomes[target.name] = BulkItemView(target, cutOffBy: refusal) }
                break
            }
        }
        let result = BulkResult(items: meant.compactMap { outcomes[$0.name] })
        if let request {
            _ = try await desk.write(once: request, keeping: { KeptAnswer(Routes.response(BulkRoutes.answer, $0)) }) { _ in result }
        }
        return result
    }

    private func meant(_ body: BulkBody, once request: RepeatableRequest?) async throws -> [BulkTarget] {
        guard let request else { return try await targets(body) }
        // What was meant then, though a filter may have other tickets by now.
        if let before = try await desk.keptAnswer(to: request.part(0)) {
            return try KeptItems.items(.repeated(before)).map { BulkTarget($0.name, id: $0.id) }
        }
        let targets = try await targets(body)
        let kept = KeptItems(items: targets.map { BulkItemView($0) })
        let outcome = try await desk.write(once: request.part(0), keeping: { $0.answer }) { _ in kept }
        return try KeptItems.items(outcome).map { BulkTarget($0.name, id: $0.id) }
    }

    private func done(_ targets: [BulkTarget], once request: RepeatableRequest?) async throws -> [BulkItemView] {
        let (act, caller) = (act, caller)
        let body: @Sendable (Work) async throws -> KeptItems = { work in
            KeptItems(items: try await work.bulk(act, targets, as: caller).map { BulkItemView($0) })
        }
        let items =
            if let request {
                try KeptItems.items(await desk.write(once: request, keeping: { $0.answer }, body))
            } else {
                try await desk.write(body).items
            }
        byteCount?.answered(items.count { $0.outcome == .changed } * WriteBudget.rows)
        return items
    }

    // MARK: - All or none

    func doAll(_ body: BulkBody, once request: RepeatableRequest?) async throws -> Response {
        let (act, caller) = (act, caller)
        let targets = try await targets(body)
        let change: @Sendable (Work) async throws -> BulkResult = { work in
            BulkResult(items: try await work.bulkAll(act, targets, as: caller).map { BulkItemView($0) })
        }
        byteCount?.answered(targets.count * WriteBudget.rows)
        do {
            guard let request else { return Routes.response(BulkRoutes.answer, try await desk.write(change)) }
            switch try await desk.write(once: request, keeping: { KeptAnswer(Routes.response(BulkRoutes.answer, $0)) }, change) {
            case .done(let result): return Routes.response(BulkRoutes.answer, result)
            case .repeated(let answer): return Response(answer)
            }
        } catch let undone as BulkUndone {
            throw Refusal(undone)
        }
    }
}

extension [BulkTarget] {
    /// A few at a time, in the order in which tickets are locked.
    fileprivate var inBatches: [[BulkTarget]] {
        let sorted = sorted { ($0.id?.bits ?? 0) < ($1.id?.bits ?? 0) }
        return stride(from: 0, to: count, by: Bulk.batch).map { Array(sorted[$0..<Swift.min($0 + Bulk.batch, count)]) }
    }
}

extension Refusal {
    /// 409, with what was refused and why; nothing was changed.
    fileprivate init(_ undone: BulkUndone) {
        self = Refusal(.conflict, "Nothing was changed, since not all of it may be")
        let refused = undone.items.filter(\.outcome.isRefused).map { BulkItemView($0) }
        details = [.init("items", .list(refused.map { (try? JSONValue(parsing: JSON.bytes(of: $0), ours: true)) ?? .null }))]
    }
}
