public import Codec
internal import Glibc
internal import Loop

/// What the connections of one loop share: their table with its deadlines, spare memory, caches, counters, log. Loop only.
final class ServingLoop {
    let loop: EventLoop
    let options: ServerOptions
    let shared: SharedState
    let meters: LoopMeters
    /// All loops' numbers, for who is asked for them.
    let allMeters: Meters
    private var requestID = ServingLoop.freshID()
    let buffers = BufferPool()
    let bodies: BodyBudget

    private var listener: Listener?
    private var connections: ContiguousArray<Connection?> = []
    /// For each connection when its present wait becomes too long. One array, so that looking at ten thousand costs microseconds
    /// and setting one costs a store: no timer is made or cancelled for a request.
    private var deadlines: ContiguousArray<UInt64> = []
    private var freeSlots: ContiguousArray<Int> = []
    private var count = 0
    /// Connections whose clients do not take what they asked for, by slot.
    var stalled: [Int: Connection] = [:]

    private var outputs: [OutputBuffer] = []
    private var largeOutputs: [OutputBuffer] = []
    private var requests: [Request] = []
    private let noBuffer = Buffer(capacity: 1)
    private var number: UInt32 = 0
    private(set) var isDraining = false
    /// Whether those who are still served when the server stops get no time any more.
    private var isHurried = false
    private var ended: (@Sendable () -> Void)?
    /// What is still to come of sweeps and of the grace's end. A timer keeps us, and is kept by the loop that we keep; so at the end
    /// they must be let go.
    private var nextSweep: LoopTimer?
    private var nextOfStop: LoopTimer?

    /// What every answer has, with the lines' ends: `date: …`, right to a quarter of a second, and where pages shall come by TLS alone, that.
    private(set) var usualFields: [UInt8] = []
    /// How nearly every answer begins, as far as it is the same for all: status 200, date, JSON, up to the length's number.
    private(set) var jsonBeginning: [UInt8] = []
    /// What to add to the loop's clock for milliseconds since 1970.
    private var wallOffset: Int64 = 0
    private var lastEnd: UInt64 = 0
    private var log = ByteWriter(capacity: 16 * 1024)
    /// The last line's time, and how it is written: under load many lines share a millisecond.
    private var loggedTime: Int64 = 0
    fileprivate var timeText = ByteWriter(capacity: 32)

    /// How often deadlines are looked at.
    private static let sweepInterval: UInt64 = 250_000_000
    /// How long an idle connection may still begin a request once the server stops.
    static let lastMoment: UInt64 = 500_000_000
    /// How long handlers may take to end once their clients were cut off.
    private static let afterGrace: UInt64 = 1_000_000_000

    init(_ loop: EventLoop, options: ServerOptions, shared: SharedState, meters: Meters, index: Int) {
        self.loop = loop
        self.options = options
        self.shared = shared
        self.meters = meters.forLoop(index)
        allMeters = meters
        bodies = BodyBudget(limit: options.limits.bodiesOfLoop, memory: options.memory)
    }

    // MARK: - Start and stop

    func start(_ listener: Listener) throws(SystemFault) {
        self.listener = listener
        sweep()
        try listener.listen(on: loop) { [unowned self] descriptor, peer in self.admit(descriptor, peer) }
    }

    /// Accepts no more, lets the connections finish, and calls `ended` when the last is gone.
    func drain(_ ended: @escaping @Sendable () -> Void) {
        self.ended = ended
        isDraining = true
        listener?.stop()
        listener = nil
        for connection in connections { connection?.drain() }
        nextOfStop = loop.after(nanoseconds: isHurried ? 0 : options.limits.shutdownGrace.nanoseconds) { [self] in endGrace() }
        endIfEmpty()
    }

    /// Gives those who are still served no time any more.
    func hurry() {
        guard !isHurried else { return }
        isHurried = true
        guard isDraining, ended != nil else { return }
        nextOfStop?.cancel()
        endGrace()
    }

    private func endGrace() {
        for connection in connections { connection?.lose() }
        // A handler that does not heed its cancellation must not keep the process.
        nextOfStop = loop.after(nanoseconds: Self.afterGrace) { [self] in end() }
    }

    private func endIfEmpty() {
        if isDraining, count == 0 { end() }
    }

    private func end() {
        guard let ended else { return }
        self.ended = nil
        nextSweep?.cancel()
        nextOfStop?.cancel()
        flushLog()
        ended()
    }

    // MARK: - Connections

    func admit(_ descriptor: Int32, _ peer: SocketAddress) {
        if options.memory?.isShort == true { return turnAway(descriptor, Self.shortOfMemory) }
        let isExempt = options.proxies.trusts(peer.ip)
        guard shared.admit(peer, options.limits, isExempt: isExempt) else { return turnAway(descriptor, Self.tooMany) }
        let tls = options.tls?.session(for: descriptor)
        guard options.tls == nil || tls != nil else {
            // No memory for a session. To serve without one would be to speak plainly where nobody expects it.
            shared.leave(peer, isExempt: isExempt)
            return Socket.close(descriptor)
        }
        let slot = takeSlot()
        let connection = Connection(descriptor, peer: peer, slot: slot, tls: tls, serving: self)
        connections[slot] = connection
        count += 1
        meters.connectionsChanged(by: 1)
        do throws(SystemFault) {
            try connection.start()
        } catch {
            turnAway(descriptor, Self.tooMany)
            forget(connection)
        }
    }

    private func takeSlot() -> Int {
        if let free = freeSlots.popLast() { return free }
        connections.append(nil)
        deadlines.append(.max)
        return connections.count - 1
    }

    private static let tooMany: StaticString = """
        HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 65\r\nretry-after: 5\r\n\
        connection: close\r\n\r\n{"error":"UNAVAILABLE","message":"Too many connections are open"}
        """
    private static let shortOfMemory: StaticString = """
        HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 65\r\nretry-after: 5\r\n\
        connection: close\r\n\r\n{"error":"UNAVAILABLE","message":"The server is short of memory"}
        """

    /// An answer that needs no memory, if the socket takes it, and the end. Where TLS is spoken there is no answer: it would take a
    /// handshake, and plain text there would only puzzle.
    private func turnAway(_ descriptor: Int32, _ answer: StaticString) {
        if options.tls == nil {
            _ = Socket.send(descriptor, UnsafeRawBufferPointer(start: answer.utf8Start, count: answer.utf8CodeUnitCount))
        }
        Socket.close(descriptor)
    }

    func forget(_ connection: Connection) {
        guard connections[connection.slot] === connection else { return }
        connections[connection.slot] = nil
        deadlines[connection.slot] = .max
        stalled[connection.slot] = nil
        freeSlots.append(connection.slot)
        count -= 1
        meters.connectionsChanged(by: -1)
        shared.leave(connection.peer, isExempt: options.proxies.trusts(connection.peer.ip))
        endIfEmpty()
    }

    func setDeadline(_ slot: Int, _ deadline: UInt64) { deadlines[slot] = deadline }
    func clearDeadline(_ slot: Int) { deadlines[slot] = .max }

    private func sweep() {
        let now = MonotonicClock.now
        refreshClock(now)
        for slot in deadlines.indices where deadlines[slot] <= now {
            deadlines[slot] = .max
            connections[slot]?.expire()
        }
        for connection in Array(stalled.values) { connection.checkStall(at: now) }
        flushLog()
        if isDraining && count == 0 { return }
        nextSweep = loop.after(nanoseconds: Self.sweepInterval) { [self] in sweep() }
    }

    private func refreshClock(_ now: UInt64) {
        let wall = MonotonicClock.wallMilliseconds
        wallOffset = wall &- Int64(now / 1_000_000)
        var field = ByteWriter(capacity: 40)
        field.append("date: ")
        Timestamp(milliseconds: wall).writeHTTPDate(to: &field)
        field.append("\r\n")
        if options.isReachedByTLS { field.append("strict-transport-security: max-age=31536000\r\n") }
        usualFields = field.array
        var beginning = ByteWriter(capacity: 256)
        ResponseHead.begin(Response(.ok, type: .json), usualFields, to: &beginning)
        beginning.append("content-length: ")
        jsonBeginning = beginning.array
    }

    // MARK: - Spare memory

    func takeOutput() -> OutputBuffer { outputs.popLast() ?? OutputBuffer() }

    func takeLargeOutput() -> OutputBuffer { largeOutputs.popLast() ?? OutputBuffer(capacity: OutputBuffer.large) }

    /// What it has grown to counts, and not what is in it: many that were large once would be much memory for nothing.
    func giveBack(_ output: OutputBuffer) {
        output.bytes.truncate()
        if output.bytes.capacity <= 16 * 1024 {
            if outputs.count < 256 { outputs.append(output) }
        } else if output.bytes.capacity <= 2 * OutputBuffer.large, largeOutputs.count < 8 {
            largeOutputs.append(output)
        }
    }

    func takeRequest(for connection: Connection) -> Request {
        guard let request = requests.popLast() else { return Request(buffer: noBuffer, connection: connection) }
        request.connection = connection
        return request
    }

    /// Takes a request back that nobody else holds.
    func giveBack(_ request: Request) {
        guard requests.count < 256 else { return }
        request.buffer = noBuffer
        requests.append(request)
    }

    func nextID() -> RequestID {
        number &+= 1
        if number == 0 { requestID = Self.freshID() }
        return requestID.numbered(number)
    }

    private static func freshID() -> RequestID { RequestID(random: .random(in: .min ... .max), .random(in: .min ... .max)) }

    // MARK: - Counting and logging

    /// When the present request began: when this tick did, or when the one before it in this tick was done. No clock is read.
    func startOfRequest() -> UInt64 { max(loop.now, lastEnd) }

    func finished(_ request: Request, _ status: Status, from started: UInt64) {
        let now = MonotonicClock.now
        lastEnd = now
        let nanoseconds = now &- min(started, now)
        meters.count(route: request.route?.index ?? 0, status: status, nanoseconds: nanoseconds)
        guard let accessLog = options.accessLog else { return }
        let time = wallOffset &+ Int64(now / 1_000_000)
        if time != loggedTime {
            loggedTime = time
            timeText.truncate()
            Timestamp(milliseconds: time).write(to: &timeText)
        }
        accessLog.append(Exchange(request: request, status: status, microseconds: Int(nanoseconds / 1000), loop: self), &log)
        if log.count > 32 * 1024 { flushLog() }
    }

    /// Writes what has been logged and not handed on yet straight to a descriptor: for a process that is about to end. On the loop's own
    /// thread, and without taking memory or a lock.
    func writeLog(to descriptor: Int32) {
        log.withUnsafeBytes { bytes in
            var rest = bytes
            while let start = rest.baseAddress, !rest.isEmpty {
                let count = write(descriptor, start, rest.count)
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    private func flushLog() {
        guard log.count > 0, let accessLog = options.accessLog else { return }
        accessLog.submit(log.array)
        log.truncate()
    }
}

/// A request and what became of it, for the log.
public struct Exchange {
    public let request: Request
    public let status: Status
    public let microseconds: Int
    fileprivate let loop: ServingLoop

    /// Writes when it ended, as the contract writes times.
    public func writeTime(to out: inout ByteWriter) { loop.timeText.withUnsafeBytes { out.append($0) } }
}

/// Where the lines about requests go. `append` writes one line to the loop's block; `submit` gets whole blocks, a few a second.
public struct AccessLog: Sendable {
    let append: @Sendable (Exchange, inout ByteWriter) -> Void
    let submit: @Sendable ([UInt8]) -> Void

    public init(append: @escaping @Sendable (Exchange, inout ByteWriter) -> Void, submit: @escaping @Sendable ([UInt8]) -> Void) {
        self.append = append
        self.submit = submit
    }
}
