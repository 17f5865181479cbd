internal import CPostgres
internal import Loop
internal import Storage

/// Answers on their way in.
extension ServerLink {
    func receive() {
        // One read may leave the rest of a TLS record in OpenSSL's hands, of which the socket then tells nothing.
        for _ in 0..<(usesTLS ? 2 : 1) {
            let isAlive = PQconsumeInput(connection) == 1
            takeResults()
            guard phase == .ready else { return }
            if !isAlive { return lose() }
        }
        lastSign = loop.now
    }

    func takeResults() {
        // Even when nothing is awaited: libpq reads here what the server says unasked.
        while PQisBusy(connection) == 0, !pipeline.isEmpty {
            act(on: PQgetResult(connection))
            guard phase == .ready else { return }
        }
        sendRepeats()
        if script != nil, pipeline.isEmpty { sendScript() }
    }

    private func act(on result: OpaquePointer?) {
        let arrival = Self.arrival(result)
        switch pipeline.receive(arrival) {
        case .nothing: PQclear(result)
        case .answer(let query):
            if let result { answer(query, arrival, result) }
        case .answerAndForget(let query):
            forgetStatement(of: query)
            if let result { answer(query, arrival, result) }
        case .again(let query):
            PQclear(result)
            repeats.append(query)
        case .remake(let query):
            PQclear(result)
            forgetStatement(of: query)
            repeats.append(query)
        case .lose:
            PQclear(result)
            lose()
        }
    }

    /// Not earlier: libpq forgets to end an answer when something is sent between a skipped query's result and its end.
    private func sendRepeats() {
        guard !repeats.isEmpty else { return }
        let queries = repeats
        repeats = []
        for query in queries { send(query, alone: true) }
    }

    static func arrival(_ result: OpaquePointer?) -> Pipeline<Query>.Arrival {
        guard let result else { return .end }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return .success
        case PGRES_PIPELINE_SYNC: return .mark
        case PGRES_PIPELINE_ABORTED: return .skipped
        default: return .failure(SQLState(postgres_state(result).map { String(cString: $0) } ?? ""))
        }
    }

    private func answer(_ query: Query, _ arrival: Pipeline<Query>.Arrival, _ result: OpaquePointer) {
        switch arrival {
        case .success:
            query.succeed(Answer(result))
        case .failure(let state):
            query.fail(state, result)
            PQclear(result)
        default:
            query.fail(.broken("skipped, since an earlier statement failed"))
            PQclear(result)
        }
    }

    private func forgetStatement(of query: Query) {
        if let statement = query.statement { statements.forget(statement) }
    }
}
