internal import CPostgres
internal import Loop
internal import Storage

/// One session with the server: made once, used until it is lost, non-blocking, in pipeline mode, at home on one loop.
///
/// Whoever owns it makes another when it is lost. Loop only.
//
// `@unchecked Sendable`: it is handed to its loop from other threads, but only the loop's thread touches what is in it.
final class ServerLink: Watcher, Flushable, @unchecked Sendable {
    enum Phase { case connecting, ready, inScript, closed }

    let loop: EventLoop
    let rules: SessionRules
    weak var owner: (any LinkOwner)?
    var phase = Phase.connecting
    /// Who has it to themselves now, where it is one of a pool's.
    var holder: ScanOwner?
    /// What was sent and not yet answered.
    var pipeline = Pipeline<Query>()

    private let address: ServerAddress
    private let lookUp: NameLookUp
    private var handshake: Handshake?
    private(set) var connection: OpaquePointer?
    private var registration: Registration?
    private(set) var usesTLS = false

    // Sending.
    var statements = StatementCache()
    let parameters = Parameters()
    var waitsForFlush = false
    private var waitsForRoom = false

    // Receiving.
    /// Reads to be sent again once all that has come is taken.
    var repeats: [Query] = []
    var script: (query: Query, last: Answer?, fault: StorageFault?)?
    /// When the server last answered, or was first asked after a rest; loop time.
    var lastSign: UInt64 = 0
    var watchdog: LoopTimer?

    init(on loop: EventLoop, to address: ServerAddress, _ lookUp: NameLookUp, _ rules: SessionRules, owner: any LinkOwner) {
        self.loop = loop
        self.address = address
        self.lookUp = lookUp
        self.rules = rules
        self.owner = owner
    }

    var isReady: Bool { phase == .ready }
    var isOpen: Bool { phase != .closed }

    /// Begins to connect; the owner is told how it ends.
    func connect() {
        let handshake = Handshake(on: loop, to: address, rules) { ending in
            self.handshake = nil
            switch ending {
            case .made(let connection): self.take(connection)
            case .failed(let why): self.fail(why)
            }
        }
        self.handshake = handshake
        handshake.begin(lookUp)
    }

    private func take(_ connection: OpaquePointer) {
        self.connection = connection
        usesTLS = PQsslInUse(connection) == 1
        guard PQenterPipelineMode(connection) == 1 else { return fail("it takes no pipeline") }
        do throws(SystemFault) {
            registration = try loop.watch(PQsocket(connection), for: .reading, self)
        } catch {
            return fail("\(error)")
        }
        phase = .ready
        owner?.linkIsReady(self)
    }

    private func fail(_ why: String) {
        close()
        owner?.link(self, couldNotConnect: why)
    }

    func ready(_ readiness: Readiness) {
        if waitsForRoom { flushOutput() }
        // Flushing may have closed the link.
        switch phase {
        case .ready: receive()
        case .inScript: receiveScript()
        case .connecting, .closed: break
        }
    }

    /// Gives the socket what it takes.
    func flushOutput() {
        guard let registration else { return }
        let outcome = PQflush(connection)
        // Most failed writes are reported by the reads, after the answers that still came. But when the server has reset the connection,
        // libpq has closed its socket in this very call, and no event will ever come from it.
        guard outcome >= 0, hasSocket else { return loseAfterAnswers() }
        let mustWait = outcome == 1
        guard mustWait != waitsForRoom else { return }
        waitsForRoom = mustWait
        loop.change(registration, to: mustWait ? [.reading, .writing] : .reading)
    }

    /// Whether libpq still has the socket that the loop watches.
    private var hasSocket: Bool { connection.map { PQsocket($0) } == registration?.descriptor }

    /// What stops the query that runs now, from another thread; nil when there is no connection.
    func canceller() -> Canceller? { connection.flatMap { PQgetCancel($0) }.map(Canceller.init) }

    /// Ends the session. The owner is told nothing; whoever still waits for an answer gets `.unavailable`.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        watchdog?.cancel()
        handshake?.stop()
        handshake = nil
        if let registration { loop.unwatch(registration, of: connection) }
        registration = nil
        if let connection { PQfinish(connection) }
        connection = nil
        for query in abandon() { query.fail(.unavailable("the connection was closed")) }
    }
}

/// Who made a link and lends it out. Called on the link's loop.
protocol LinkOwner: AnyObject {
    func linkIsReady(_ link: ServerLink)
    func link(_ link: ServerLink, couldNotConnect why: String)
    /// The session is over; `queries` were sent and not answered.
    func link(_ link: ServerLink, lostWith queries: [Query])
}
