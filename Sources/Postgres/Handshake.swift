internal import CPostgres
internal import Glibc
internal import Loop

/// The making of one connection: names are looked up, libpq goes through its steps, and the session is told its rules. Loop only.
//
// `@unchecked Sendable`: the look-up brings it back to its loop from another thread, and only the loop's thread touches what is in it.
final class Handshake: Watcher, @unchecked Sendable {
    enum Ending {
        /// The connection, idle and non-blocking. Whoever takes it closes it.
        case made(OpaquePointer)
        case failed(String)
    }

    private enum Phase { case lookingUp, connecting, settingUp, over }

    private let loop: EventLoop
    private let address: ServerAddress
    private let rules: SessionRules
    private var end: ((Ending) -> Void)?
    private var phase = Phase.lookingUp
    private var connection: OpaquePointer?
    private var registration: Registration?
    private var deadline: LoopTimer?

    /// - Parameter end: is told once how it ended, unless it is stopped before.
    init(on loop: EventLoop, to address: ServerAddress, _ rules: SessionRules, _ end: @escaping (Ending) -> Void) {
        self.loop = loop
        self.address = address
        self.rules = rules
        self.end = end
    }

    func begin(_ lookUp: NameLookUp) {
        deadline = loop.after(nanoseconds: UInt64(rules.connecting) * 1_000_000) { self.fail("it did not answer in time") }
        lookUp.find { hosts in
            if self.loop.isCurrent { self.connect(hosts) } else { self.loop.submit { self.connect(hosts) } }
        }
    }

    /// Gives up. Nobody is told.
    func stop() {
        end = nil
        if let connection = leave() { PQfinish(connection) }
    }

    private func connect(_ hosts: [ServerAddress.Host]?) {
        guard phase == .lookingUp else { return }
        guard let hosts else { return fail("its name has no address") }
        phase = .connecting
        let list = address.parameters(hosts)
        connection = withCStrings(list.map(\.name)) { names in
            withCStrings(list.map(\.value)) { values in PQconnectStartParams(names, values, 0) }
        }
        guard let connection, PQstatus(connection) != CONNECTION_BAD else { return fail() }
        postgres_be_silent(connection)
        watch(for: .writing)
    }

    func ready(_ readiness: Readiness) {
        switch phase {
        case .connecting: goOn()
        case .settingUp: readAnswers()
        case .lookingUp, .over: break
        }
    }

    /// Lets libpq go on. It may change sockets at each step, so each step is watched anew.
    private func goOn() {
        unwatch()
        switch PQconnectPoll(connection) {
        case PGRES_POLLING_READING: watch(for: .reading)
        case PGRES_POLLING_WRITING: watch(for: .writing)
        case PGRES_POLLING_OK: setUp()
        default: fail()
        }
    }

    private func setUp() {
        phase = .settingUp
        guard PQsetnonblocking(connection, 1) == 0, PQsendQuery(connection, rules.commands) == 1 else { return fail() }
        watch(for: .reading)
        flush()
    }

    private func flush() {
        guard let registration else { return }
        let outcome = PQflush(connection)
        // Not every failed write is reported by the reads: libpq may have closed its socket, and then there is nothing to read from.
        guard outcome >= 0 else { return fail() }
        loop.change(registration, to: outcome == 1 ? [.reading, .writing] : .reading)
    }

    private func readAnswers() {
        flush()
        guard phase == .settingUp else { return }
        guard PQconsumeInput(connection) == 1 else { return fail() }
        while PQisBusy(connection) == 0 {
            guard let result = PQgetResult(connection) else { return succeed() }
            let status = PQresultStatus(result)
            PQclear(result)
            guard status == PGRES_COMMAND_OK else { return fail() }
        }
    }

    // MARK: - The end

    private func succeed() {
        let end = end
        if let connection = leave() { end?(.made(connection)) }
    }

    private func fail() {
        // libpq's words name hosts, users and databases, but never a password.
        let words = connection.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
        // One sentence for each address that was tried; a line that is indented is advice to the one before.
        let sentence = words.split(separator: "\n").last { !$0.hasPrefix("\t") }
        fail(sentence.map(String.init) ?? "no connection could be made")
    }

    private func fail(_ why: String) {
        guard phase != .over else { return }
        let end = end
        if let connection = leave() { PQfinish(connection) }
        end?(.failed(why))
    }

    /// Lets go of everything, also of who waits. Returns the connection as far as it has come.
    private func leave() -> OpaquePointer? {
        defer { (phase, connection, end) = (.over, nil, nil) }
        deadline?.cancel()
        unwatch()
        return connection
    }

    private func watch(for interest: Readiness) {
        guard let connection else { return }
        do throws(SystemFault) {
            registration = try loop.watch(PQsocket(connection), for: interest, self)
        } catch {
            fail("\(error)")
        }
    }

    private func unwatch() {
        if let registration { loop.unwatch(registration, of: connection) }
        registration = nil
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
