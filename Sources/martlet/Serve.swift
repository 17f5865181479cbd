import API
import CLinux
import CProcess
import Codec
import Glibc
import HTTP
import Helpdesk
import Loop
import Storage

/// Runs the server until it is told to stop, by `SIGTERM` or `SIGINT`. Throws when it cannot start, or when a part of it failed.
func serve(_ settings: Settings) throws {
    process_bound_arenas(Int32(settings.loops + 1))
    _ = linux_begin_signal_stack()
    let writer = try LogWriter(descriptor: StandardOutput.output.rawValue, format: LogFormat(settings))
    let log = Log(settings, writer)
    // Before any other thread starts, so that every thread has the signals blocked and only this one hears them.
    let signals = try SignalThread { signal in stopBeforeStart(signal, log, writer) }
    defer { signals.stop() }
    try writer.start()
    defer { writer.stop() }
    for warning in settings.warnings { log.warn(warning) }
    let connections = mostConnections(settings, log)

    var loops: [EventLoop] = []
    for _ in 0..<settings.loops { loops.append(try EventLoop()) }
    // What computes for long gives way to the loops, which answer everybody.
    let blocking = BlockingPool(threads: max(2, settings.loops), niceness: 10, bound: 64)
    defer { blocking.stop() }
    // Each has threads of its own, so that a flood of sign-ins or a name server that is gone holds up nothing else.
    let hashing = BlockingPool("hashing", threads: max(1, usableCores() - 1), niceness: 14, bound: 32)
    defer { hashing.stop() }
    let network = BlockingPool("network", threads: 2, bound: 64)
    defer { network.stop() }
    let memory = MemoryGuard(ofProcessUpTo: settings.maxMemoryMB << 20)
    let tls = try settings.tls.map { try TLSIdentity(certificate: $0.certificate, key: $0.key) }

    let firstStart = FirstStart(settings: settings.desk, log: log)
    let prepared = try prepareDesk(settings.desk) { desk in try await firstStart.prepare(desk) }
    if !prepared.migrations.isEmpty { log.info("database brought up to date", ["migrations": .number(prepared.migrations.count)]) }
    let database = try OpenDatabase.at(settings.desk, loops: loops, blocking: network)
    let issuers = try DelegatedIssuers(settings.desk, on: loops[0], log)
    let desk = try Desk(
        database, settings.desk.rules, .system(blocking, hashing: hashing), secret: prepared.secrets.newest,
        previousSecrets: prepared.secrets.previous,
        delegated: issuers?.tokens)
    let hub = Hub(desk)
    let bus = settings.desk.redis.map { RedisBus($0, hub, secret: prepared.secrets.newest, on: loops[0], blocking: network, log) }
    let disk = BlockingPool("disk", threads: max(2, settings.loops), bound: 1024)
    defer { disk.stop() }
    let files = try DeskFiles(settings.desk, desk, disk)
    defer { files.stop() }
    let surroundings = Surroundings(
        log: writer, blocking: blocking, disk: disk, desk: desk, hub: hub, bus: bus,
        report: { log.error("a socket failed", ["fault": .text("\($0)")]) },
        database: database, files: files, memory: memory)

    let readiness = ReadinessCheck(surroundings)
    let troubles = DatabaseTroubleLog(log)
    let translate: @Sendable (any Error) -> Refusal? = { error in
        troubles.note(error)
        return Refusal(desk: error)
    }
    let router = Router(routes(settings, surroundings, readiness), translate: translate) { fault, request in
        log.error("a request failed", ["request_id": .text(request.id), "fault": .text("\(fault)")])
    }
    var options = ServerOptions(CORS(settings.origins).around(router))
    options.limits = Limits(settings, connections: connections)
    options.memory = memory
    options.proxies = TrustedProxies(settings.trustedProxies)
    options.tls = tls
    options.isReachedByTLS = settings.isReachedByTLS
    options.packing = blocking
    options.accessLog = AccessLog(log, writer)
    let server = try Server(options, at: SocketAddress(settings.host, port: UInt16(settings.port)), on: loops, routes: router.routes)
    CrashTrace.install(writer, server)
    let caretaker = Caretaker(memory, server, database, blocking, log).start()
    defer { caretaker.stop() }
    let place = "\(tls == nil ? "http" : "https")://\(server.address)"
    log.info(
        "listening",
        ["address": .text(place), "loops": .number(loops.count), "version": .text(Version.number)])
    if let link = prepared.result { firstStart.tell(link, at: place, isPortFound: settings.port == 0 && settings.publicURL == nil) }

    let threads = loops.dropFirst().enumerated().map { $1.start(named: "loop-\($0 + 1)") }
    let notifier = LogReaderService(desk.notifier(), desk.bell, on: loops[0], log)
    let keyUses = Chore("write when API keys were last used", every: 5, andAtEnd: true, on: loops[0], log) { try await desk.writeKeyUses() }
    let views = Chore("write how often articles were read", every: 3, andAtEnd: true, on: loops[0], log) { try await desk.writeViews() }
    let departures = Chore("see to those who have gone", every: 2, on: loops[0], log) { try await desk.finishDepartures() }
    let unreadable = Chore("tell of rows that could not be read", every: 5, andAtEnd: true, on: loops[0], log) {
        for what in UnreadableRows.takeNew() {
            log.warn("a row holds what this release cannot read; it goes on without", ["what": .text(what)])
        }
    }
    // In the order in which they start; they stop in the reverse one.
    var services: [any Service] = [DatabaseService(database, on: loops[0])]
    services += issuers?.source.map { [$0] as [any Service] } ?? []
    services += bus?.services ?? []
    services += files.services(on: loops[0], log)
    services += choresForOldThings(of: desk, on: loops[0], log)
    services += [keyUses, views, departures, unreadable, notifier, HubService(hub, on: loops[0], log)] as [any Service]
    services += [ReadinessService(readiness, on: loops[0], log), server] as [any Service]
    let run = Run(services, on: loops) { signal in
        switch signal {
        case .stop: log.info("stopping")
        case .reload: reload(tls, on: blocking, log)
        }
    } hurry: {
        server.hurry()
    }
    defer { for thread in threads { thread.join() } }
    try run.untilStopped(by: signals)
    log.info("stopped")
}

/// A server that has not begun to serve, as one that waits for its database, has nothing to finish: its migrations are transactions.
private func stopBeforeStart(_ signal: Loop.Signal, _ log: Log, _ writer: LogWriter) {
    guard case .stop = signal else { return }
    log.info("stopped before it was ready")
    writer.stop()
    // Not `exit`, which would let go of what other threads are using.
    _exit(ExitCode.done.rawValue)
}

/// How many connections there may be. Each is a descriptor, and the server needs some for itself: for its database, files, other machines.
/// Without those, an upload or the question for readiness would fail first.
private func mostConnections(_ settings: Settings, _ log: Log) -> Int {
    let limit = DescriptorLimit.raise()
    let most = min(settings.maxConnections, limit - min(128, limit / 2))
    if most < settings.maxConnections {
        log.warn(
            "the system allows fewer open files than MAX_CONNECTIONS would take",
            ["open_files": .number(limit), "connections": .number(most)])
    }
    return most
}

/// Reads the certificate again. One that is no good leaves the old one in place, and says so.
private func reload(_ tls: TLSIdentity?, on blocking: BlockingPool, _ log: Log) {
    guard let tls else { return log.info("nothing to reload: TLS is off") }
    let isTaken = blocking.submit {
        do throws(TLSIdentity.Fault) {
            try tls.reload()
            log.info("certificate read again")
        } catch {
            log.error("the old certificate stays", ["fault": .text("\(error)")])
        }
    }
    if !isTaken { log.error("the old certificate stays", ["fault": "too much is waiting for a thread; ask again"]) }
}
