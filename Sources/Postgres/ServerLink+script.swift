internal import CPostgres
internal import Storage

/// Several statements in one text, which the protocol takes outside a pipeline only.
extension ServerLink {
    /// Notes a script; it goes out once everything before it is answered, since the protocol has no place for it in a pipeline.
    func begin(script query: Query) -> Bool {
        guard script == nil else { return false }
        script = (query, nil, nil)
        if pipeline.isEmpty { sendScript() }
        return true
    }

    func sendScript() {
        guard let query = script?.query, case .script(let text) = query.words else { return }
        guard PQexitPipelineMode(connection) == 1, PQsendQuery(connection, text) == 1 else { return lose() }
        phase = .inScript
        flushOutput()
    }

    func receiveScript() {
        let isAlive = PQconsumeInput(connection) == 1
        while PQisBusy(connection) == 0 {
            guard let result = PQgetResult(connection) else { return endScript() }
            if case .failure(let state) = Self.arrival(result) {
                if state.meaning == .lost {
                    PQclear(result)
                    return lose()
                }
                script?.fault = StorageFault(state, result)
            }
            if script?.fault == nil { script?.last = Answer(result) } else { PQclear(result) }
        }
        if !isAlive { lose() }
    }

    private func endScript() {
        guard let script, PQenterPipelineMode(connection) == 1 else { return lose() }
        self.script = nil
        phase = .ready
        if let fault = script.fault { script.query.fail(fault) } else if let last = script.last { script.query.succeed(last) }
    }
}
