internal import Loop
internal import Storage

/// One turn of a transaction's body: a link of its own, `BEGIN` on the way with the first statement, and what must be known at the end.
final class Transaction: Storage.Link {
    /// How a transaction begins, and so what it may do.
    enum Kind: String, Sendable {
        case change = "BEGIN"
        /// All statements see one moment.
        case survey = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }

    let engine = Engine.postgres
    private(set) var turn: UInt64 = 1
    /// The first fault: it dooms the transaction, whatever the body makes of it.
    private(set) var fault: StorageFault?
    /// Whether the body should run again, from its beginning.
    private(set) var mustRerun = false

    private let link: ServerLink
    private let kind: Kind
    private let stop: ScanStop?
    private var hasBegun = false
    /// When all must have been answered, and until when the server lets the statement run that it is told next.
    private let deadline: UInt64?
    private var granted: UInt64?
    /// What goes out before the next statement.
    private var soon: [Query] = []
    /// The server has answered `COMMIT`, whatever it said.
    private var isEnded = false

    /// - Parameter deadline: when its last statement must have been answered, where that is sooner than the session asks.
    init(_ kind: Kind, until deadline: UInt64? = nil, on link: ServerLink, _ stop: ScanStop?) {
        self.kind = kind
        self.link = link
        self.stop = stop
        self.deadline = deadline
    }

    func query(
        _ sql: SQL, turn: UInt64, wants: Wanted, _ each: (inout Row) throws(StorageFault) -> Void
    ) async throws(StorageFault) -> Int {
        let answer = try await ask(Query(sql, mayRepeat: false), turn: turn)
        do throws(StorageFault) {
            return try answer.read(wants, each)
        } catch {
            fault = error
            throw error
        }
    }

    func runSoon(_ sql: SQL, turn: UInt64) async throws(StorageFault) {
        try check(turn)
        soon.append(Query(sql, mayRepeat: false))
    }

    /// A transaction of PostgreSQL has one body, so there are no others to run it for.
    func runLate(_ sql: SQL, turn: UInt64) async throws(StorageFault) { try await runSoon(sql, turn: turn) }

    /// Sends `COMMIT` behind the statement, before the same mark: the server skips it when the statement fails.
    func runLast(_ sql: SQL, turn: UInt64) async throws(StorageFault) {
        try check(turn)
        guard kind == .change else { throw .broken("a last statement belongs into a change") }
        soon.append(Query(sql, mayRepeat: false))
        try await end()
        self.turn += 1
    }

    func script(_ text: String, turn: UInt64) async throws(StorageFault) {
        // The statements of a migration may take what they need, to the end of this transaction.
        _ = try await ask(Query(script: "SET LOCAL statement_timeout = 0; " + text), turn: turn)
    }

    private func check(_ turn: UInt64) throws(StorageFault) {
        guard turn == self.turn else { throw .broken("a connection was used after its transaction") }
        if let fault { throw fault }
        // The caller has gone, and is told so whatever the body is told.
        if let stop, stop.isStopped { throw .timeout }
    }

    private func ask(_ query: Query, turn: UInt64) async throws(StorageFault) -> Answer {
        try check(turn)
        try bound()
        return try await send(query)
    }

    /// Tells the server how long the next statement may take: what is left of the whole. Told again only when it is a good deal less than
    /// what was said last, since most scans are over long before.
    private func bound() throws(StorageFault) {
        guard let deadline else { return }
        let now = MonotonicClock.now
        guard now < deadline else {
            fault = .timeout
            throw .timeout
        }
        let left = (deadline - now) / 1_000_000
        if let granted, granted - left <= granted / 16 { return }
        granted = left
        // To the end of the transaction, so that whoever has the link next finds it as it was.
        soon.append(Query(text: "SET LOCAL statement_timeout = \(max(1, left))"))
    }

    /// Sends a statement, with `BEGIN` and what was to go out before it, all before one mark: the server skips what stands behind one
    /// that fails.
    private func send(_ query: Query) async throws(StorageFault) -> Answer {
        let begin = hasBegun ? nil : Query(text: kind.rawValue)
        let soon = soon
        self.soon = []
        hasBegun = true
        do throws(StorageFault) {
            // An answer was not skipped, so there was no fault before it.
            return try await query.answer { query in link.perform { $0.send(begin, soon, query) } }
        } catch {
            let culprit = soon.first { $0.fault != nil } ?? query
            let isMisuse = kind == .survey && culprit.meaning == .readOnly
            let fault = isMisuse ? .broken("a body that only reads tried to change something") : culprit.fault ?? error
            self.fault = fault
            mustRerun = culprit.mustRerun
            throw fault
        }
    }

    /// Makes the changes last. Throws the transaction's fault if there was one, after undoing everything.
    func commit() async throws(StorageFault) {
        turn += 1
        if let fault {
            undo()
            throw fault
        }
        guard hasBegun || !soon.isEmpty, !isEnded else { return }
        do throws(StorageFault) {
            try await end()
        } catch {
            undo()
            throw error
        }
    }

    private func end() async throws(StorageFault) {
        let commit = Query(text: "COMMIT")
        let answer: Answer
        do throws(StorageFault) {
            answer = try await send(commit)
        } catch {
            // Not when it was skipped, or not even sent.
            isEnded = commit.meaning != nil
            throw error
        }
        isEnded = true
        // The server rolls back what it thinks has failed, and calls that a success.
        guard answer.deed != "COMMIT" else { return }
        let fault = StorageFault.broken("the server undid the transaction (\(answer.deed))")
        self.fault = fault
        throw fault
    }

    /// Undoes the changes; whoever has the link next stands behind that in its queue.
    func rollBack() {
        turn += 1
        undo()
    }

    private func undo() {
        guard hasBegun && !isEnded else { return }
        let query = Query(text: "ROLLBACK")
        link.perform { if $0.isReady { $0.send(query) } }
    }
}

extension ServerLink {
    /// Sends one query behind others, unless one of these cannot even be sent: nothing may be missing from what is made to last.
    fileprivate func send(_ begin: Query?, _ before: [Query], _ query: Query) {
        if let begin { send(begin) }
        for earlier in before {
            send(earlier)
            if let fault = earlier.fault { return query.fail(fault) }
        }
        send(query)
    }

    /// Does something with the link on its loop: at once if that is this thread's.
    func perform(_ work: @escaping @Sendable (ServerLink) -> Void) {
        if loop.isCurrent { work(self) } else { loop.submit { work(self) } }
    }
}
