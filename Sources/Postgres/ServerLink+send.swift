internal import CPostgres
internal import Loop
internal import Storage

/// Queries on their way out, and the marks between them.
extension ServerLink {
    /// Sends a query behind those that are out. Its answer goes to whoever asked, unless the link is lost before.
    ///
    /// - Parameter alone: with marks of its own, so that no other query's error can reach it.
    func send(_ query: Query, alone: Bool = false) {
        guard phase == .ready else { return refuse(query) }
        if alone, pipeline.sinceMark > 0, !mark() { return lose(with: query) }
        if pipeline.isEmpty { startWatchdog() }
        let isSent =
            switch query.words {
            case .sql(let sql): send(query, sql, alone: alone)
            case .text(let text): send(query, text)
            case .script: begin(script: query)
            }
        // The socket may have more to tell, but nothing can be asked of it.
        guard isSent else { return lose(with: query) }
        if alone, !mark() { return lose() }
        flushLater()
    }

    private func send(_ query: Query, _ sql: SQL, alone: Bool) -> Bool {
        do throws(StorageFault) {
            try sql.checkParameterCount()
            try parameters.encode(sql.values)
        } catch {
            query.fail(error)
            return true
        }
        return alone ? sendOnce(query, sql) : sendPrepared(query, sql)
    }

    private func sendPrepared(_ query: Query, _ sql: SQL) -> Bool {
        let (statement, isNew) = statements.find(sql) { discard($0) }
        if isNew {
            let isSent = sql.text.withCString { PQsendPrepare(connection, statement.name, $0, parameters.count, parameters.types) }
            guard isSent == 1 else { return false }
        }
        let isSent = PQsendQueryPrepared(
            connection, statement.name, parameters.count, parameters.values, parameters.lengths, parameters.formats, 1)
        guard isSent == 1 else { return false }
        query.statement = statement
        pipeline.append(query, prepares: isNew, mayRepeat: query.mayRepeat)
        return true
    }

    /// Without a statement that is kept: whether the one it would share can be made at all is perhaps still being found out.
    private func sendOnce(_ query: Query, _ sql: SQL) -> Bool {
        let isSent = sql.text.withCString {
            PQsendQueryParams(
                connection, $0, parameters.count, parameters.types, parameters.values, parameters.lengths, parameters.formats, 1)
        }
        guard isSent == 1 else { return false }
        pipeline.append(query, prepares: false, mayRepeat: false)
        return true
    }

    private func send(_ query: Query, _ text: String) -> Bool {
        guard PQsendQueryParams(connection, text, 0, nil, nil, nil, nil, 1) == 1 else { return false }
        pipeline.append(query, prepares: false, mayRepeat: false)
        return true
    }

    /// Forgets a statement on the server too. Nobody waits for it.
    private func discard(_ statement: StatementCache.Statement) {
        // When it cannot be sent, neither can what follows.
        _ = send(Query(text: "DEALLOCATE " + String(cString: statement.name)), "DEALLOCATE " + String(cString: statement.name))
    }

    private func refuse(_ query: Query) {
        if let owner { owner.link(self, lostWith: [query]) } else { query.fail(.unavailable("the connection was closed")) }
    }

    /// False when it could not be sent: then what was sent before it would never be answered.
    private func mark() -> Bool {
        guard PQpipelineSync(connection) == 1 else { return false }
        pipeline.mark()
        return true
    }

    private func flushLater() {
        guard !waitsForFlush else { return }
        waitsForFlush = true
        loop.flushAtEndOfTick(self)
    }

    /// The end of the tick: one mark for all that was sent in it.
    func flush() {
        waitsForFlush = false
        guard phase == .ready else { return }
        if pipeline.sinceMark > 0, !mark() { return loseAfterAnswers() }
        flushOutput()
    }
}
