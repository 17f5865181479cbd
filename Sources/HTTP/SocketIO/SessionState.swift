internal import Codec
internal import Loop

/// What a session knows, and what follows from it; no I/O. Guarded by its session's lock, since the client's requests come on any loop
/// and anybody may send.
struct SessionState {
    enum Transport {
        case polling
        case webSocket(Connection)
    }

    /// What was sent in one call, and stays together.
    struct Parcel {
        let frames: [EngineIO.Frame]
        let isVolatile: Bool
        let size: Int

        init(_ frames: [EngineIO.Frame], isVolatile: Bool) {
            self.frames = frames
            self.isVolatile = isVolatile
            // What a frame costs beside its bytes: its array's head, its place in the parcel and in the outbox, and their slack.
            size = frames.reduce(0) { $0 + $1.bytes.count + 256 }
        }
    }

    var transport: Transport
    var receiver: (any EngineIO.Receiver)?
    /// The poll that waits for something to be sent.
    var poll: Connection?
    /// The request that brings something.
    var post: Connection?
    /// A WebSocket that the client tries out beside its polls, and whether its probe was answered.
    var probe: Connection?
    var isProbed = false
    private var outbox: [Parcel] = []
    private var outboxSize = 0
    /// We have closed the session: what waits is still sent, and nothing more is taken.
    private(set) var isClosing = false
    private(set) var end: EngineIO.End?

    /// When the session ends unless its client is recognized; nil once it was, and where nobody is.
    private var strangerUntil: UInt64?
    private let strangers: EngineIO.Strangers?
    private let sendLimit: Int
    /// What may wait between two polls, unless it is one message alone.
    private static let unheardLimit = 64 * 1024

    private let interval: UInt64
    private let timeout: UInt64
    /// When the next ping is due; while one is unanswered, when it was.
    private var nextPing: UInt64
    private var pongDue: UInt64?

    init(_ transport: Transport, _ options: EngineIO.Options, at now: UInt64) {
        self.transport = transport
        interval = options.pingInterval.nanoseconds
        timeout = options.pingTimeout.nanoseconds
        nextPing = now &+ interval
        sendLimit = options.sendLimit
        strangers = options.strangers
        strangerUntil = options.strangers.map { now &+ $0.time.nanoseconds }
    }

    // MARK: - Who the client is

    /// Whether nobody knows who the client is.
    var isStranger: Bool { strangerUntil != nil }

    /// False when the client was recognized before.
    mutating func recognize() -> Bool {
        defer { strangerUntil = nil }
        return strangerUntil != nil
    }

    /// What may wait for the client.
    private var limit: Int {
        guard isStranger, let strangers else { return sendLimit }
        return min(sendLimit, strangers.sendLimit)
    }

    // MARK: - Sending

    enum Taken {
        case no
        /// The connection that should look, if any.
        case yes(wake: Connection?)
        case tooMuch
    }

    mutating func take(_ parcel: Parcel) -> Taken {
        guard end == nil, !isClosing else { return .no }
        if parcel.isVolatile, !isWorthSending(parcel) { return .no }
        guard hasRoom(for: parcel) else { return .tooMuch }
        let wasEmpty = outbox.isEmpty
        outbox.append(parcel)
        outboxSize += parcel.size
        // Who was woken for the first of several finds them all.
        return .yes(wake: wasEmpty ? listener : nil)
    }

    /// Who brings to the client what waits.
    var listener: Connection? {
        switch transport {
        case .polling: poll
        case .webSocket(let connection): connection
        }
    }

    /// Whether something volatile would be on its way soon. It never is what makes a client too slow.
    private func isWorthSending(_ parcel: Parcel) -> Bool { listener != nil && outboxSize + parcel.size <= limit / 2 }

    /// A client that is between two polls has room for one message of any size, and for several small ones.
    private func hasRoom(for parcel: Parcel) -> Bool {
        if outbox.isEmpty { return parcel.size <= limit }
        return outboxSize + parcel.size <= (listener == nil ? min(limit, Self.unheardLimit) : limit)
    }

    mutating func takeOutbox() -> [Parcel] {
        guard !outbox.isEmpty else { return [] }
        defer {
            outbox = []
            outboxSize = 0
        }
        return outbox
    }

    /// What a poll is answered with now; nil when it has to wait.
    mutating func answerToPoll() -> [EngineIO.Frame]? {
        if let end { return [end == .clientClosed ? EngineIO.Packet.noop.frame : EngineIO.Packet.close.frame] }
        var frames = takeOutbox().flatMap(\.frames)
        if isClosing { frames.append(EngineIO.Packet.close.frame) }
        if !frames.isEmpty { return frames }
        if case .webSocket = transport { return [EngineIO.Packet.noop.frame] }
        return isProbed ? [EngineIO.Packet.noop.frame] : nil
    }

    // MARK: - The end

    /// Begins the end that we want. The connection that should look, if any.
    mutating func beginClosing() -> Connection? {
        guard end == nil, !isClosing else { return nil }
        isClosing = true
        return listener
    }

    /// Everybody who must look up now; nil when it had ended before.
    mutating func finish(_ end: EngineIO.End) -> (wakes: [Connection], receiver: (any EngineIO.Receiver)?)? {
        guard self.end == nil else { return nil }
        self.end = end
        var wakes = [poll, post, probe].compactMap { $0 }
        if case .webSocket(let connection) = transport { wakes.append(connection) }
        if !isClosing { _ = takeOutbox() }
        defer { receiver = nil }
        return (wakes, receiver)
    }

    // MARK: - Going over

    /// Makes the probed WebSocket the transport. False when it is no longer the one.
    mutating func upgrade(to connection: Connection) -> Bool {
        guard end == nil, probe === connection, isProbed else { return false }
        probe = nil
        isProbed = false
        transport = .webSocket(connection)
        return true
    }

    /// Forgets a WebSocket that was tried out. False when it was not the one.
    mutating func giveUp(_ connection: Connection) -> Bool {
        guard probe === connection else { return false }
        probe = nil
        isProbed = false
        return true
    }

    // MARK: - Heartbeat

    enum Beat: Equatable {
        case wait
        case ping
        case dead
        /// The client had its time to say who it is.
        case unrecognized
    }

    /// What is due now.
    mutating func beat(at now: UInt64) -> Beat {
        if isDead(at: now) { return .dead }
        if let strangerUntil, strangerUntil <= now { return .unrecognized }
        guard pongDue == nil, nextPing <= now else { return .wait }
        // From when it was due, so that a loop's lag does not add up; but a client has half of its time at the least.
        pongDue = max(nextPing &+ timeout, now &+ timeout / 2)
        return .ping
    }

    /// When to look again.
    var nextBeat: UInt64 { min(pongDue ?? nextPing, strangerUntil ?? .max) }

    func isDead(at now: UInt64) -> Bool { pongDue.map { $0 <= now } ?? false }

    mutating func pong(at now: UInt64) {
        pongDue = nil
        nextPing = now &+ interval
    }
}
