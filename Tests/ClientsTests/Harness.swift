import Clients
import Glibc
import HTTP
import Loop
import Testing

/// Where a test calls from, and the server that it calls.
struct Bench: Sendable {
    /// The clients' loop, on which the test runs.
    let loop: EventLoop
    let server: Server
    let scheme: String

    func url(_ path: String) -> String { "\(scheme)://\(server.address)\(path)" }

    func client(_ change: (inout HTTPClientRules) -> Void = { _ in }) throws -> HTTPClient {
        var rules = HTTPClientRules()
        change(&rules)
        return try HTTPClient(on: loop, rules)
    }
}

/// Runs `body` on a loop of its own, with a server on another that has these routes.
func withServer(
    tls: TLSIdentity? = nil, routes declare: (inout Routes) -> Void, _ body: @escaping @Sendable (Bench) async throws -> Void
) async throws {
    var routes = Routes { _, _ in }
    declare(&routes)
    let router = Router(routes) { error, _ in Issue.record("a route failed: \(error)") }
    var options = ServerOptions(CORS(.none).around(router))
    options.tls = tls
    let serving = try EventLoop()
    let server = try Server(options, at: SocketAddress(IPAddress(v4: 0x7F00_0001)), on: [serving], routes: router.routes)
    let thread = serving.start(named: "test-server")
    let task = serving.spawn {
        do { try await server.run() } catch { Issue.record("the server did not run: \(error)") }
    }
    let result = await Result.of {
        try await onLoop { try await body(Bench(loop: $0, server: server, scheme: tls == nil ? "http" : "https")) }
    }
    task.cancel()
    await task.value
    serving.stop()
    thread.join()
    try result.get()
}

/// Runs `body` on the thread of a loop that was started for it, and ends the loop.
func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop()
    let thread = loop.start(named: "test-loop")
    let result = await Task(executorPreference: loop) { await Result.of { try await body(loop) } }.value
    loop.stop()
    thread.join()
    try result.get()
}

extension Result where Success == Void, Failure == any Error {
    static func of(_ body: () async throws -> Void) async -> Self {
        do {
            try await body()
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}

/// The fault that `body` ends with.
func fault(_ body: () async throws -> Void) async -> ClientFault? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ClientFault
    }
}

extension EventLoop {
    /// On the loop. Waits until something holds, long, since a loaded machine is no reason to fail; false when it never comes.
    func eventually(_ holds: () -> Bool) async -> Bool {
        for _ in 0..<10_000 {
            if holds() { return true }
            await withUnsafeContinuation { continuation in after(nanoseconds: 2_000_000) { continuation.resume() } }
        }
        return false
    }
}

/// What happened, in order. From any thread.
final class Record<Event: Sendable>: Sendable {
    private let held = Locked<[Event]>([])

    func note(_ event: Event) { held.withLock { $0.append(event) } }
    var events: [Event] { held.withLock { $0 } }
}

/// A listener that is no server: what comes is the test's to take or to leave.
final class BareListener: Sendable {
    private let descriptor: Int32
    let address: SocketAddress

    /// - Parameter hears: whether it listens; otherwise its port is only kept, and callers are refused.
    init(hears: Bool = true) throws {
        let descriptor: Int32
        if hears {
            descriptor = try Socket.listen(at: SocketAddress(IPAddress(v4: 0x7F00_0001)))
        } else {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
            }
            try #require(isBound)
        }
        self.descriptor = descriptor
        address = Socket.localAddress(of: descriptor)
    }

    deinit { Socket.close(descriptor) }

    var url: String { "http://\(address)/" }

    /// The next caller's connection, or nil when there is none now.
    func accept() -> Int32? { try? Socket.accept(descriptor).descriptor }

    /// Takes one caller on a thread of its own, reads what it asks and lets `speak` answer.
    func answer(_ speak: @escaping @Sendable (_ caller: Int32) -> Void) -> Thread {
        Thread(named: "test-answer") { [self] in
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 20_000) == 1, let caller = accept() else { return }
            defer { Socket.close(caller) }
            waiting.fd = caller
            guard poll(&waiting, 1, 20_000) == 1, !BareListener.read(caller).isEmpty else { return }
            speak(caller)
        }
    }

    /// What has come; empty when nothing has, or when the caller has gone.
    static func read(_ caller: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { Socket.receive(caller, into: $0) }
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }

    /// Whether the caller has closed its end.
    static func hasGone(_ caller: Int32) -> Bool {
        var byte: UInt8 = 0
        return withUnsafeMutableBytes(of: &byte) { Socket.receive(caller, into: $0) } == 0
    }

    /// Sends all of it; false when the caller has gone or takes nothing.
    @discardableResult
    static func send(_ text: String, to caller: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            var waiting = pollfd(fd: caller, events: Int16(POLLOUT), revents: 0)
            guard poll(&waiting, 1, 20_000) == 1 else { return false }
            let count = rest.withUnsafeBytes { Socket.send(caller, $0) }
            guard count > 0 || count == -Int(EAGAIN) else { return false }
            rest = rest.dropFirst(max(count, 0))
        }
        return true
    }
}

/// A certificate and its key in a folder that is removed at the end.
final class Certificate {
    private let folder: String
    var file: String { "\(folder)/certificate.pem" }
    private var key: String { "\(folder)/key.pem" }

    /// - Parameter name: whose it is, as OpenSSL writes it: `IP:127.0.0.1`.
    init(for name: String) throws {
        var template = Array("/tmp/martlet-tests-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let words = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", key,
            "-out", file, "-subj", "/CN=test", "-addext", "subjectAltName=\(name)",
        ]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var process = pid_t()
        try #require(posix_spawnp(&process, "openssl", &actions, nil, &arguments, environ) == 0)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        try #require(status == 0)
    }

    deinit {
        unlink(file)
        unlink(key)
        rmdir(folder)
    }

    func identity() throws -> TLSIdentity { try TLSIdentity(certificate: file, key: key) }
}
