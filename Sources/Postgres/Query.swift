internal import CPostgres
internal import Storage

/// A statement on its way to the server, and who waits for its answer.
//
// `@unchecked Sendable`: made by one thread and handed to its link's loop, which alone touches it until it is answered.
final class Query: @unchecked Sendable {
    enum Words {
        /// Prepared, with parameters.
        case sql(SQL)
        /// Text of the driver's own, run once.
        case text(String)
        /// Several statements, which the protocol only takes outside a pipeline.
        case script(String)
    }

    let words: Words
    /// Whether it is a read that may be asked again when it was not answered.
    let mayRepeat: Bool
    /// Whether its link was lost once already: then it is not asked a third time.
    var wasLost = false
    var statement: StatementCache.Statement?
    /// What the server made of it, for those who must know more than the fault tells.
    private(set) var meaning: SQLState.Meaning?
    /// Why it failed.
    private(set) var fault: StorageFault?
    private var continuation: UnsafeContinuation<Result<Answer, StorageFault>, Never>?

    init(_ sql: SQL, mayRepeat: Bool) {
        words = .sql(sql)
        self.mayRepeat = mayRepeat
    }

    init(text: String) {
        words = .text(text)
        mayRepeat = false
    }

    init(script: String) {
        words = .script(script)
        mayRepeat = false
    }

    /// Waits for the answer. `handOver` gives the query to its link's loop.
    func answer(_ handOver: (Query) -> Void) async throws(StorageFault) -> Answer {
        let result = await withUnsafeContinuation { continuation in
            self.continuation = continuation
            handOver(self)
        }
        return try result.get()
    }

    func succeed(_ answer: Answer) { end(.success(answer)) }

    func fail(_ fault: StorageFault) {
        self.fault = fault
        end(.failure(fault))
    }

    /// Whether its transaction may well come through when it is run again.
    var mustRerun: Bool { meaning == .rerun || meaning == .stale }

    /// Fails with what the server said.
    func fail(_ state: SQLState, _ result: OpaquePointer) {
        meaning = state.meaning
        fail(StorageFault(state, result))
    }

    private func end(_ result: Result<Answer, StorageFault>) {
        guard let continuation else { return }
        self.continuation = nil
        continuation.resume(returning: result)
    }
}

extension StorageFault {
    /// What an error of the server is to the layers above.
    init(_ state: SQLState, _ result: OpaquePointer) {
        let words = postgres_message(result).map { String(cString: $0) } ?? "no words"
        switch state.meaning {
        case .lost: self = .unavailable("the connection was lost")
        case .unavailable: self = .unavailable(words)
        case .readOnly: self = .unavailable("the server takes no changes now")
        case .rerun: self = .unavailable("transactions stood in each other's way for too long")
        case .timedOut: self = .timeout
        case .locked: self = .locked
        case .full: self = .full
        case .diskError: self = .diskError(words)
        case .damaged: self = .damaged("\(state.code): \(words)")
        case .constraint: self = .constraint(postgres_constraint(result).map { String(cString: $0) } ?? words)
        case .stale, .broken: self = .broken("\(state.code): \(words)")
        }
    }
}
