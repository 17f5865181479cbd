import Codec
import Glibc
import HTTP
import Loop
import Testing

/// A server for one test, on loops with threads of their own, at a port that the system chose.
final class TestServer {
    let server: Server
    let loops: [EventLoop]
    private let threads: [Thread]
    private let task: Task<Void, Never>
    private let ended = Flag()
    private var clients: [Client] = []

    init(_ options: ServerOptions, routes: [Route], loops count: Int) throws {
        signal(SIGPIPE, SIG_IGN)
        loops = try (0..<count).map { _ in try EventLoop() }
        server = try Server(options, at: SocketAddress(IPAddress(v4: 0x7F00_0001)), on: loops, routes: routes)
        threads = loops.enumerated().map { $1.start(named: "test-loop-\($0)") }
        task = loops[0].spawn { [server, ended] in
            do { try await server.run() } catch { Issue.record("the server did not run: \(error)") }
            ended.raise()
        }
    }

    /// A new client, whose connection lasts until it is closed or the test ends.
    func connect(from address: UInt32 = 0x7F00_0001, receiveBuffer: Int32? = nil) throws -> Client {
        let client = try Client(port: server.address.port, from: address, receiveBuffer: receiveBuffer)
        clients.append(client)
        return client
    }

    func keep(_ client: Client) { clients.append(client) }

    /// One request on a connection of its own.
    func get(_ path: String, _ fields: String...) throws -> Answer {
        let client = try connect()
        defer { client.close() }
        return try client.ask("GET", path, fields)
    }

    func post(_ path: String, _ body: String, _ fields: String...) throws -> Answer {
        let client = try connect()
        defer { client.close() }
        return try client.ask("POST", path, fields, body: body)
    }

    /// Tells the server to stop, and waits until it accepts no more.
    func beginStop() {
        task.cancel()
        #expect(eventually { (try? Client(port: server.address.port)) == nil }, "the server still accepts")
    }

    var hasEnded: Bool { ended.isRaised }

    /// Stops the server and its threads. Whatever the test left open is closed first, so that nothing has to be waited for.
    fileprivate func end() {
        for client in clients { client.close() }
        task.cancel()
        guard eventually({ hasEnded }) else {
            Issue.record("the server does not stop")
            return
        }
        for loop in loops { loop.stop() }
        for thread in threads { thread.join() }
        #expect(server.meters.connections == 0, "a connection outlived the server")
    }
}

/// Runs `body` with a server that has these routes, and stops it.
func withServer(
    loops: Int = 1, cors: CORS = CORS(.none), options setUp: (inout ServerOptions) -> Void = { _ in },
    guard mayCall: @escaping Routes.Guard = { _, _ in }, report: @escaping @Sendable (any Error) -> Void = { _ in },
    routes declare: (inout Routes) -> Void = declareUsual, _ body: (TestServer) throws -> Void
) throws {
    var routes = Routes(guard: mayCall)
    declare(&routes)
    let router = Router(routes) { error, _ in report(error) }
    var options = ServerOptions(cors.around(router))
    setUp(&options)
    let server = try TestServer(options, routes: router.routes, loops: loops)
    defer { server.end() }
    try body(server)
}

/// Waits until something holds. Long, since a loaded machine is no reason to fail; false when it never comes.
func eventually(_ holds: () -> Bool) -> Bool {
    for _ in 0..<10_000 {
        if holds() { return true }
        usleep(2000)
    }
    return false
}

/// Something that happened, for a thread to look at.
final class Flag: Sendable {
    private let value = Locked(false)

    func raise() { value.withLock { $0 = true } }
    func lower() { value.withLock { $0 = false } }
    var isRaised: Bool { value.withLock { $0 } }
}

/// What happened, in order. From any thread.
final class Record<Event: Sendable>: Sendable {
    private let held = Locked<[Event]>([])

    func note(_ event: Event) { held.withLock { $0.append(event) } }
    var events: [Event] { held.withLock { $0 } }
}
