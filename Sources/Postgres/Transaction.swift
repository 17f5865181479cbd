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
    /// The changes were made to last together with the last statement.
    private var isCommitted = false

    init(_ kind: Kind, on link: ServerLink, _ stop: ScanStop?) {
        self.kind = kind
        self.link = link
        self.stop = stop
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

    /// Sends `COMMIT` behind the statement, before the same mark: the server skips it when the statement fails.
    func runLast(_ sql: SQL, turn: UInt64) async throws(StorageFault) {
        try check(turn)
        guard kind == .change else { throw .broken("a last statement belongs into a change") }
        let last = Query(sql, mayRepeat: false)
        let commit = Query(text: "COMMIT")
        do throws(StorageFault) {
            try confirm(try await commit.answer { send(last, then: $0) })
        } catch {
            let fault = last.fault ?? error
            self.fault = fault
            mustRerun = last.mustRerun || commit.mustRerun
            throw fault
        }
        isCommitted = true
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
        do throws(StorageFault) {
            return try await query.answer { send($0) }
        } catch {
            let isMisuse = kind == .survey && query.meaning == .readOnly
            let fault = isMisuse ? .broken("a body that only reads tried to change something") : error
            self.fault = fault
            mustRerun = query.mustRerun
            throw fault
        }
    }

    private func send(_ query: Query, then commit: Query? = nil) {
        let begin = hasBegun ? nil : Query(text: kind.rawValue)
        hasBegun = true
        link.perform { link in
            if let begin { link.send(begin) }
            link.send(query)
            guard let commit else { return }
            // What could not even be sent must not be missing from what is made to last.
            if let fault = query.fault { commit.fail(fault) } else { link.send(commit) }
        }
    }

    /// Makes the changes last. Throws the transaction's fault if there was one, after undoing everything.
    func commit() async throws(StorageFault) {
        turn += 1
        if let fault {
            undo()
            throw fault
        }
        guard hasBegun && !isCommitted else { return }
        let query = Query(text: "COMMIT")
        do throws(StorageFault) {
            try confirm(try await query.answer { query in link.perform { $0.send(query) } })
        } catch {
            mustRerun = query.mustRerun
            throw error
        }
    }

    /// The server rolls back what it thinks has failed, and calls that a success.
    private func confirm(_ answer: Answer) throws(StorageFault) {
        guard answer.deed == "COMMIT" else { throw .broken("the server undid the transaction (\(answer.deed))") }
    }

    /// Undoes the changes; whoever has the link next stands behind that in its queue.
    func rollBack() {
        turn += 1
        undo()
    }

    private func undo() {
        guard hasBegun && !isCommitted else { return }
        let query = Query(text: "ROLLBACK")
        link.perform { if $0.isReady { $0.send(query) } }
    }
}

extension ServerLink {
    /// Does something with the link on its loop: at once if that is this thread's.
    func perform(_ work: @escaping @Sendable (ServerLink) -> Void) {
        if loop.isCurrent { work(self) } else { loop.submit { work(self) } }
    }
}
