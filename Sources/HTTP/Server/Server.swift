public import Loop

/// What a server is made with.
public struct ServerOptions: Sendable {
    public var limits = Limits()
    public var proxies = TrustedProxies()
    public var tls: TLSIdentity?
    /// Whether browsers are told to come by TLS alone from now on (RFC 6797).
    public var isReachedByTLS = false
    public var accessLog: AccessLog?
    /// Says when the process has no more memory to give; nil for never.
    public var memory: MemoryGuard?
    /// Where large answers are packed, when a thread of it is free.
    public var packing: BlockingPool?
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

    // MARK: - Looking after the loops

    /// How long a loop's turn may take before others do its share of the accepting.
    private static let longestTurn: UInt64 = 2_000_000_000

    /// Looks whether each loop still turns. What waits at the door of one that does not is given to the others, until it turns again. For
    /// one thread, which must not be a loop's; a few times a second, and more often while it answers that some loop is held up.
    public func lookAfterLoops(_ report: (HeldUpLoop) -> Void) -> Bool {
        let now = MonotonicClock.now
        for (index, place) in places.enumerated() { look(after: place, index, at: now, report) }
        let others = places.filter { $0.heldUpSince == nil }
        guard others.count < places.count else { return false }
        var next = 0
        for place in places where place.heldUpSince != nil && !others.isEmpty {
            place.listener.acceptElsewhere(atMost: 64) { descriptor, peer in
                others[next % others.count].adopt(descriptor, peer)
                next += 1
            }
        }
        return true
    }

    private func look(after place: Place, _ index: Int, at now: UInt64, _ report: (HeldUpLoop) -> Void) {
        let began = place.serving.loop.figures.tickBegan
        if let began, began < now, now - began > Self.longestTurn {
            guard place.heldUpSince != began else { return }
            place.heldUpSince = began
            let route = meters.name(of: place.serving.meters.presentRoute)
            report(HeldUpLoop(index: index, route: route, milliseconds: Int(clamping: (now - began) / 1_000_000), isOver: false))
        } else if let since = place.heldUpSince {
            place.heldUpSince = nil
            report(HeldUpLoop(index: index, route: nil, milliseconds: Int(clamping: (now - since) / 1_000_000), isOver: true))
        }
    }

    /// Writes what the calling thread's loop has logged and not handed on yet to a descriptor. For a handler of the signal that ends the
    /// process; a thread that is no loop's has nothing to write.
    public func writeLogOfThisThread(to descriptor: Int32) {
        for place in places where place.serving.loop.isCurrent { place.serving.writeLog(to: descriptor) }
    }

    /// One loop's part of the server, as other threads may know it.
    //
    // `@unchecked Sendable`: made in the server's `init`. Afterwards `serving` is used on its loop only, by way of `submit`, but for the loop's
    // figures, which are atomic; `heldUpSince` belongs to the thread that looks after the loops, and `listener` locks what others may use.
    private final class Place: @unchecked Sendable {
        let serving: ServingLoop
        let listener: Listener
        /// Since when the loop is held up. Touched by the thread that looks after the loops.
        var heldUpSince: UInt64?

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

        /// Takes over a connection that another loop has no time for.
        func adopt(_ descriptor: Int32, _ peer: SocketAddress) {
            serving.loop.submit { [self] in serving.admit(descriptor, peer) }
        }

        func drain() -> Latch {
            let end = Latch()
            serving.loop.submit { [self] in serving.drain { end.happen() } }
            return end
        }
    }
}

/// A loop that has not come to the end of its turn for too long, or does so again.
public struct HeldUpLoop: Sendable {
    public let index: Int
    /// The route that the loop last began to work for, which is most likely what holds it up; nil when it turns again.
    public let route: String?
    public let milliseconds: Int
    public let isOver: Bool
}
