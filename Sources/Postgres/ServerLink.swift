internal import CPostgres
internal import Glibc
internal import Loop
internal import Storage

/// One connection to the server, from its making to its loss: non-blocking, in pipeline mode, at home on one loop.
///
/// A link is used once. Whoever owns it makes another when it is lost. Loop only.
//
// `@unchecked Sendable`: it is handed to its loop from other threads, but only the loop's thread touches what is in it.
final class ServerLink: Watcher, Flushable, @unchecked Sendable {
    enum Phase { case lookingUp, connecting, settingUp, ready, inScript, closed }

    let loop: EventLoop
    let rules: SessionRules
    private weak var owner: (any LinkOwner)?
    private(set) var phase = Phase.lookingUp
    private(set) var pipeline = Pipeline<Query>()

    private let lookUp: NameLookUp
    private let address: ServerAddress
    private var connection: OpaquePointer?
    private var registration: Registration?
    private var statements = StatementCache()
    private let parameters = Parameters()
    private var waitsForFlush = false
    private var waitsForRoom = false
    private var usesTLS = false
    /// When the server last answered, or was first asked after a rest; loop time.
    private var lastSign: UInt64 = 0
    private var watchdog: LoopTimer?
    /// Reads to be sent again once all that has come is taken.
    private var repeats: [Query] = []
    private var script: (query: Query, last: Answer?, fault: StorageFault?)?

    init(on loop: EventLoop, to address: ServerAddress, _ lookUp: NameLookUp, _ rules: SessionRules, owner: any LinkOwner) {
        self.loop = loop
        self.address = address
        self.lookUp = lookUp
        self.rules = rules
        self.owner = owner
    }

    var isReady: Bool { phase == .ready }
    var isOpen: Bool { phase != .closed }

    // MARK: - Connecting

    /// Begins to connect; the owner is told how it ends.
    func connect() {
        watchdog = loop.after(nanoseconds: UInt64(rules.connecting) * 1_000_000) { self.fail("it did not answer in time") }
        lookUp.find { hosts in
            if self.loop.isCurrent { self.begin(hosts) } else { self.loop.submit { self.begin(hosts) } }
        }
    }

    private func begin(_ hosts: [ServerAddress.Host]?) {
        guard phase == .lookingUp else { return }
        guard let hosts else { return fail("its name has no address") }
        phase = .connecting
        let list = address.parameters(hosts)
        connection = withCStrings(list.map(\.name)) { names in
            withCStrings(list.map(\.value)) { values in PQconnectStartParams(names, values, 0) }
        }
        guard let connection, PQstatus(connection) != CONNECTION_BAD else { return failToConnect() }
        postgres_be_silent(connection)
        watch(for: .writing)
    }

    /// Lets libpq go on with the handshake. It may change sockets at each step, so each step is watched anew.
    private func continueConnecting() {
        unwatch()
        switch PQconnectPoll(connection) {
        case PGRES_POLLING_READING: watch(for: .reading)
        case PGRES_POLLING_WRITING: watch(for: .writing)
        case PGRES_POLLING_OK: setUp()
        default: failToConnect()
        }
    }

    private func setUp() {
        guard let connection else { return }
        phase = .settingUp
        usesTLS = PQsslInUse(connection) == 1
        guard PQsetnonblocking(connection, 1) == 0, PQsendQuery(connection, rules.commands) == 1 else { return failToConnect() }
        watch(for: .reading)
        flushOutput()
    }

    private func continueSettingUp() {
        guard PQconsumeInput(connection) == 1 else { return failToConnect() }
        while PQisBusy(connection) == 0 {
            guard let result = PQgetResult(connection) else {
                guard PQenterPipelineMode(connection) == 1 else { return failToConnect() }
                watchdog?.cancel()
                watchdog = nil
                phase = .ready
                owner?.linkIsReady(self)
                return
            }
            let status = PQresultStatus(result)
            PQclear(result)
            guard status == PGRES_COMMAND_OK else { return failToConnect() }
        }
    }

    private func failToConnect() {
        // libpq's words name hosts, users and databases, but never a password.
        let words = connection.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
        fail(words.split(separator: "\n").last.map(String.init) ?? "no connection could be made")
    }

    private func fail(_ why: String) {
        guard phase == .lookingUp || phase == .connecting || phase == .settingUp else { return }
        close()
        owner?.link(self, couldNotConnect: why)
    }

    // MARK: - Sending

    /// Sends a query behind those that are out. Its answer goes to whoever asked, unless the link is lost before.
    ///
    /// - Parameter alone: with marks of its own, so that no other query's error can reach it.
    func send(_ query: Query, alone: Bool = false) {
        guard phase == .ready else { return refuse(query) }
        if alone, pipeline.sinceMark > 0 { mark() }
        if pipeline.isEmpty { startWatchdog() }
        let isSent =
            switch query.words {
            case .sql(let sql): send(query, sql, alone: alone)
            case .text(let text): send(query, text)
            case .script: begin(script: query)
            }
        // The socket may have more to tell, but nothing can be asked of it.
        guard isSent else { return lose(with: query) }
        if alone { mark() }
        flushLater()
    }

    private func send(_ query: Query, _ sql: SQL, alone: Bool) -> Bool {
        do throws(StorageFault) {
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

    private func mark() {
        guard PQpipelineSync(connection) == 1 else { return }
        pipeline.mark()
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
        if pipeline.sinceMark > 0 { mark() }
        flushOutput()
    }

    private func flushOutput() {
        let rest = PQflush(connection)
        // A failed write is reported by the reads, after the answers that still came.
        let mustWait = rest == 1
        guard mustWait != waitsForRoom, let registration else { return }
        waitsForRoom = mustWait
        loop.change(registration, to: mustWait ? [.reading, .writing] : .reading)
    }

    // MARK: - Receiving

    func ready(_ readiness: Readiness) {
        switch phase {
        case .connecting: continueConnecting()
        case .settingUp:
            if waitsForRoom { flushOutput() }
            continueSettingUp()
        case .ready:
            if waitsForRoom { flushOutput() }
            receive()
        case .inScript:
            if waitsForRoom { flushOutput() }
            receiveScript()
        case .lookingUp, .closed: break
        }
    }

    private func receive() {
        // One read may leave the rest of a TLS record in OpenSSL's hands, of which the socket then tells nothing.
        for _ in 0..<(usesTLS ? 2 : 1) {
            let isAlive = PQconsumeInput(connection) == 1
            takeResults()
            guard phase == .ready else { return }
            if !isAlive { return lose() }
        }
        lastSign = loop.now
    }

    private func takeResults() {
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

    private static func arrival(_ result: OpaquePointer?) -> Pipeline<Query>.Arrival {
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

    // MARK: - Scripts

    /// Notes a script; it goes out once everything before it is answered, since the protocol has no place for it in a pipeline.
    private func begin(script query: Query) -> Bool {
        guard script == nil else { return false }
        script = (query, nil, nil)
        if pipeline.isEmpty { sendScript() }
        return true
    }

    private func sendScript() {
        guard let query = script?.query, case .script(let text) = query.words else { return }
        guard PQexitPipelineMode(connection) == 1, PQsendQuery(connection, text) == 1 else { return lose() }
        phase = .inScript
        flushOutput()
    }

    private func receiveScript() {
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

    // MARK: - The end

    /// Loses the link when the server has not answered for longer than it may take for any query.
    private func startWatchdog() {
        lastSign = loop.now
        guard watchdog == nil else { return }
        watchdog = loop.after(nanoseconds: rules.patience) { self.look() }
    }

    private func look() {
        watchdog = nil
        guard phase == .ready, !pipeline.isEmpty else { return }
        let silence = loop.now &- lastSign
        if silence >= rules.patience { return lose() }
        watchdog = loop.after(nanoseconds: rules.patience - silence) { self.look() }
    }

    private func lose(with query: Query? = nil) {
        let unanswered = abandon() + (query.map { [$0] } ?? [])
        let owner = owner
        close()
        owner?.link(self, lostWith: unanswered)
    }

    /// Takes out every query that has had no answer.
    private func abandon() -> [Query] {
        defer { (repeats, script) = ([], nil) }
        return pipeline.abandon() + repeats + (script.map { [$0.query] } ?? [])
    }

    /// Ends the session. The owner is told nothing; whoever still waits for an answer gets `.unavailable`.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        watchdog?.cancel()
        unwatch()
        if let connection { PQfinish(connection) }
        connection = nil
        for query in abandon() { query.fail(.unavailable("the connection was closed")) }
    }

    /// What stops the query that runs now, from another thread; nil when there is no connection.
    func canceller() -> Canceller? { connection.flatMap { PQgetCancel($0) }.map(Canceller.init) }

    private func watch(for interest: Readiness) {
        guard let connection else { return }
        do throws(SystemFault) {
            registration = try loop.watch(PQsocket(connection), for: interest, self)
        } catch {
            fail("\(error)")
        }
    }

    private func unwatch() {
        if let registration { loop.unwatch(registration) }
        registration = nil
    }
}

/// Who made a link and lends it out. Called on the link's loop.
protocol LinkOwner: AnyObject {
    func linkIsReady(_ link: ServerLink)
    func link(_ link: ServerLink, couldNotConnect why: String)
    /// The session is over; `queries` were sent and not answered.
    func link(_ link: ServerLink, lostWith queries: [Query])
}

/// Stops what a session runs. A thread may wait long in it, and it may hit whatever the session runs by then.
//
// `@unchecked Sendable`: libpq copies into it what it needs, and says that it may be used on any thread.
final class Canceller: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQfreeCancel(handle) }

    /// Asks the server to stop, and waits until it has heard.
    func cancel() {
        var words = [CChar](repeating: 0, count: 256)
        PQcancel(handle, &words, Int32(words.count))
    }
}

/// The texts as C has them, with a null at the end, for as long as `body` runs.
private func withCStrings<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { list in
        // The list is never empty, as it ends in a null.
        body(list.baseAddress!)
    }
}
