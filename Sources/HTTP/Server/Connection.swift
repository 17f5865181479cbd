internal import Codec
public import Loop

/// One client's connection, from accept to close: a socket, its input and output, and the task that serves it.
//
// `@unchecked Sendable`: it belongs to one loop. Its task prefers that loop, the loop calls `ready` and `flush`, and every other
// thread reaches it through `loop.submit` (`poke`).
public final class Connection: Watcher, Flushable, @unchecked Sendable {
    /// What the connection waits for; tells what its deadline means.
    enum Phase {
        case handshake
        case idle
        case head
        case body
        case handling
        case session
        case closing
    }

    let serving: ServingLoop
    let peer: SocketAddress
    let peerText: String
    let descriptor: Int32
    let slot: Int
    let tls: TLSSession?
    var registration: Registration?
    var task: Task<Void, Never>?

    var phase = Phase.idle

    // What the socket last told; it tells changes only.
    var isReadable = false
    var isWritable = true
    /// The peer will send no more.
    var hasPeerEnded = false
    /// Neither direction works any more.
    var isBroken = false
    /// The end of the connection is to be a reset, so that the kernel holds nothing more for the client.
    var isCut = false
    /// The peer sends urgent bytes, so a short read does not say that the socket is empty.
    var hasUrgent = false

    /// The request that is being read or answered.
    var request: Request?
    /// Its answer, when that was found at once but sending it takes waiting.
    var answerInHand: Response?
    /// What the connection is from now on, instead of one of HTTP.
    var becoming: (@Sendable (Connection) async -> Void)?
    /// The route of a session, in the tables of counters.
    var routeIndex = 0
    /// When it began, on the loop's clock.
    var started: UInt64 = 0
    var scanner = HeadScanner()

    // Input: received and not yet used is `readStart..<readEnd` of the buffer.
    var buffer: Buffer?
    var readStart = 0
    var readEnd = 0
    /// Whether a request was answered on this connection.
    var hasServed = false
    /// The deadline passed while the task waited for input.
    var isTimedOut = false
    /// No further request is wanted.
    var isClosing = false
    var isPoked = false
    var reader: UnsafeContinuation<Void, Never>?

    /// How many pieces of bodies were handed out since the others on the loop had their turn.
    var piecesInTurn = 0

    // Output: what waits to be sent begins at `sent`.
    var output: OutputBuffer?
    var sent = 0
    var isFlushQueued = false
    var writer: UnsafeContinuation<Void, Never>?
    /// While the socket takes nothing.
    var stall: Stall?
    /// A session's client that takes nothing is to be let go.
    var isTooSlow = false

    var loop: EventLoop { serving.loop }
    var isEncrypted: Bool { tls != nil }

    init(_ descriptor: Int32, peer: SocketAddress, slot: Int, tls: TLSSession?, serving: ServingLoop) {
        self.descriptor = descriptor
        self.peer = peer
        peerText = peer.ip.description
        self.slot = slot
        self.tls = tls
        self.serving = serving
    }

    /// Registers with the loop and starts the task. Loop only.
    func start() throws(SystemFault) {
        registration = try loop.watch(descriptor, for: [.reading, .writing, .urgent, .peerEnded, .onChange], self)
        task = loop.spawn { await self.serve() }
    }

    // MARK: - What the loop tells

    public func ready(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.failed, .hungUp]) { return lose() }
        // TLS may have to write before it can read, and the other way round; so each change is a reason to try both.
        let readiness = isEncrypted ? readiness.union([.reading, .writing]) : readiness
        if readiness.contains(.peerEnded) { hasPeerEnded = true }
        if readiness.contains(.urgent) { hasUrgent = true }
        if !readiness.isDisjoint(with: [.reading, .peerEnded]) { isReadable = true }
        if readiness.contains(.writing) {
            isWritable = true
            if output != nil { flush() }
        }
        wakeReader()
        if readiness.contains(.writing) { wakeWriter() }
    }

    /// A reset, or the end of our patience: whoever serves this client is told to stop. (A half-close is none: many clients end their side and read on.)
    func lose() {
        guard !isBroken else { return }
        isBroken = true
        isReadable = true
        task?.cancel()
        wakeReader()
        wakeWriter()
    }

    /// Drops a client that costs too much: it hears of a reset, and the kernel forgets what it held for it.
    func cut() {
        guard !isBroken else { return }
        isCut = true
        lose()
    }

    /// The deadline has passed. Loop only.
    func expire() {
        switch phase {
        case .handling: return
        case .handshake, .closing: isClosing = true
        case .idle, .head, .body, .session: isTimedOut = true
        }
        wakeReader()
    }

    /// The server stops: a connection that serves nobody now gets a last moment to ask, the others finish. Loop only.
    func drain() {
        switch phase {
        case .idle, .handshake: serving.setDeadline(slot, loop.now &+ ServingLoop.lastMoment)
        case .session:
            isClosing = true
            wakeReader()
        default: return
        }
    }

    /// Makes a session look up from its wait for input. From any thread.
    func poke() {
        if loop.isCurrent { return wake() }
        loop.submit { self.wake() }
    }

    /// Whether somebody poked since this was last asked.
    func takePoked() -> Bool {
        defer { isPoked = false }
        return isPoked
    }

    /// Makes the task look up from its wait for input. Loop only.
    func wake() {
        isPoked = true
        wakeReader()
    }

    func wakeReader() {
        guard let waiting = reader else { return }
        reader = nil
        waiting.resume()
    }

    func wakeWriter() {
        guard let waiting = writer else { return }
        writer = nil
        waiting.resume()
    }
}
