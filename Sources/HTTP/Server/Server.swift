public import Loop

/// What a server is made with.
public struct ServerOptions: Sendable {
    public var limits = Limits()
    public var proxies = TrustedProxies()
    public var tls: TLSIdentity?
    /// Whether browsers are told to come by TLS alone from now on (RFC 6797).
    public var isReachedByTLS = false
    public var accessLog: AccessLog?
    /// Where work goes that would hold up a loop, such as the packing of large answers.
    public var blocking: BlockingPool?
    public var responder: Responder

    public init(_ responder: Responder) { self.responder = responder }
}

/// What answers every request that is one. It does not throw: what goes wrong is an answer too.
public struct Responder: Sendable {
    /// Answers if it can without waiting. Always asked first.
    let atOnce: @Sendable (Request) -> Response?
    /// Answers what could not be answered at once.
    let waiting: @Sendable (Request) async -> Response

    public init(
        atOnce: @escaping @Sendable (Request) -> Response? = { _ in nil }, waiting: @escaping @Sendable (Request) async -> Response
    ) {
        self.atOnce = atOnce
        self.waiting = waiting
    }
}

/// An HTTP/1.1 server on a few loops. Each loop has its own listening socket at the same port, and its own connections from accept
/// to close.
public final class Server: Service {
    public let name = "http"
    public let address: SocketAddress
    public let meters: Meters
    private let loops: [EventLoop]
    private let options: ServerOptions
    private let shared = SharedState()
    private let places: [Place]

    /// Binds the address on every loop; with port 0 the system chooses one. Throws when the address is taken or not ours.
    public init(_ options: ServerOptions, at address: SocketAddress, on loops: [EventLoop], routes: [Route]) throws(SystemFault) {
        self.options = options
        self.loops = loops
        try Socket.checkIsFree(address)
        let first = try Listener(at: address)
        self.address = first.address
        var members = [first]
        for _ in loops.dropFirst() { members.append(try Listener(at: first.address)) }
        let meters = Meters(routes: routes, loops: loops.map(\.figures))
        self.meters = meters
        let shared = shared
        places = loops.indices.map { index in
            Place(ServingLoop(loops[index], options: options, shared: shared, meters: meters, index: index), members[index])
        }
    }

    /// Serves until the task is cancelled; then accepts no more, answers what was asked, and returns within the grace.
    public func run() async throws {
        let stopping = Latch()
        for place in places { try await place.start() }
        await withTaskCancellationHandler {
            await stopping.wait()
        } onCancel: {
            stopping.happen()
        }
        let ends = places.map { $0.drain() }
        for end in ends { await end.wait() }
    }

    /// Cuts off whoever is still served when the server stops, or at once when it is stopping already.
    public func hurry() {
        for place in places { place.hurry() }
    }

    /// One loop's part of the server, as other threads may know it.
    //
    // `@unchecked Sendable`: made in the server's `init`, and touched afterwards on its loop only, by way of `submit`.
    private final class Place: @unchecked Sendable {
        private let serving: ServingLoop
        private let listener: Listener

        init(_ serving: ServingLoop, _ listener: Listener) {
            self.serving = serving
            self.listener = listener
        }

        func start() async throws {
            try await withUnsafeThrowingContinuation { (started: UnsafeContinuation<Void, any Error>) in
                serving.loop.submit { [self] in
                    do {
                        try serving.start(listener)
                        started.resume()
                    } catch {
                        started.resume(throwing: error)
                    }
                }
            }
        }

        func hurry() { serving.loop.submit { [self] in serving.hurry() } }

        func drain() -> Latch {
            let end = Latch()
            serving.loop.submit { [self] in serving.drain { end.happen() } }
            return end
        }
    }
}
