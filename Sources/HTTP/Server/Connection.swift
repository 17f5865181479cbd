internal import CLinux
internal import Codec
internal import Glibc
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
    private let tls: TLSSession?
    private var registration: Registration?
    private var task: Task<Void, Never>?

    var phase = Phase.idle

    // What the socket last told; it tells changes only.
    var isReadable = false
    private var isWritable = true
    /// The peer will send no more.
    private(set) var hasPeerEnded = false
    /// Neither direction works any more.
    private(set) var isBroken = false

    /// The request that is being read or answered.
    var request: Request?
    /// Its answer, when that was found at once but sending it takes waiting.
    var answerInHand: Response?
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
    private var isPoked = false
    private var reader: UnsafeContinuation<Void, Never>?

    // Output: what waits to be sent begins at `sent`.
    private var output: OutputBuffer?
    private var sent = 0
    private var isFlushQueued = false
    private var writer: UnsafeContinuation<Void, Never>?
    /// While the socket takes nothing.
    private var stall: RateFloor?

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
        registration = try loop.watch(descriptor, for: [.reading, .writing, .peerEnded, .onChange], self)
        task = loop.spawn { await self.serve() }
    }

    // MARK: - What the loop tells

    public func ready(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.failed, .hungUp]) { return lose() }
        // TLS may have to write before it can read, and the other way round; so each change is a reason to try both.
        let readiness = isEncrypted ? readiness.union([.reading, .writing]) : readiness
        if readiness.contains(.peerEnded) { hasPeerEnded = true }
        if !readiness.isDisjoint(with: [.reading, .peerEnded]) { isReadable = true }
        if readiness.contains(.writing) {
            isWritable = true
            if output != nil { flush() }
        }
        wakeReader()
        if readiness.contains(.writing) { wakeWriter() }
    }

    /// A reset: whoever serves this client is told to stop. (A half-close is none: many clients end their side and read on.)
    private func lose() {
        guard !isBroken else { return }
        isBroken = true
        isReadable = true
        task?.cancel()
        wakeReader()
        wakeWriter()
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

    /// The time to stop is over. Loop only.
    func abort() { lose() }

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

    private func wakeReader() {
        guard let waiting = reader else { return }
        reader = nil
        waiting.resume()
    }

    private func wakeWriter() {
        guard let waiting = writer else { return }
        writer = nil
        waiting.resume()
    }

    // MARK: - Input

    enum Received {
        case bytes
        /// Nothing has come; wait.
        case nothing
        /// Nothing will come.
        case ended
    }

    /// Takes what the socket has into the buffer, without waiting.
    func receive() -> Received {
        guard isReadable, !isBroken else { return isBroken ? .ended : .nothing }
        let buffer = roomyBuffer()
        let room = UnsafeMutableRawBufferPointer(start: buffer.base + readEnd, count: buffer.capacity &- readEnd)
        let count = tls?.receive(into: room) ?? Socket.receive(descriptor, into: room)
        if count > 0 {
            readEnd &+= count
            // A short read has emptied the socket; the next bytes are a change, which wakes us. TLS keeps records of its own.
            if count < room.count, tls == nil, !hasPeerEnded { isReadable = false }
            return .bytes
        }
        switch -count {
        case Int(EAGAIN):
            isReadable = false
            return .nothing
        case Int(EINTR): return receive()
        default:
            if count < 0 { lose() }
            hasPeerEnded = true
            return .ended
        }
    }

    /// The buffer with room at its end. Bytes that somebody still holds stay where they are.
    private func roomyBuffer() -> Buffer {
        guard let current = buffer else {
            let fresh = serving.buffers.take()
            buffer = fresh
            readStart = 0
            readEnd = 0
            return fresh
        }
        if readEnd < current.capacity { return current }
        let rest = readEnd &- readStart
        let next = rest >= Buffer.common / 2 ? Buffer(capacity: Buffer.large) : serving.buffers.take()
        next.base.copyMemory(from: current.base + readStart, byteCount: rest)
        buffer = next
        readStart = 0
        readEnd = rest
        serving.buffers.giveBack(current)
        return next
    }

    /// Gives the buffer back while there is nothing in it: a connection that waits costs no buffer.
    func releaseBuffer() {
        guard readStart == readEnd, let idle = buffer else { return }
        buffer = nil
        serving.buffers.giveBack(idle)
    }

    /// Waits until there is something to receive, or a reason to look up: a poke, a deadline, the end.
    func waitForInput() async {
        if isReadable || isPoked || isTimedOut || isClosing || isBroken { return }
        await withUnsafeContinuation { reader = $0 }
    }

    /// Waits until there is more of a body to receive, or its time is over. Not for the other reasons of `waitForInput`: that no
    /// further request is wanted does not end the body of this one, and would make its wait no wait at all.
    func waitForBody() async {
        if isReadable || isTimedOut || isBroken { return }
        await withUnsafeContinuation { reader = $0 }
    }

    // MARK: - Output

    /// How much waits to be sent.
    var pending: Int { output.map { $0.bytes.count - sent } ?? 0 }

    /// How many bytes are kept for sending, those among them that were sent already.
    var held: Int { output?.bytes.count ?? 0 }

    /// Whether more than `bound` waits, also after the socket was given what it takes now: what one turn of the loop has written says
    /// nothing yet about the client.
    func isBehind(_ bound: Int) -> Bool {
        if pending > bound { flush() }
        return pending > bound
    }

    /// Appends to the output, which is sent when the tick ends.
    @inline(__always)
    func write(_ append: (inout ByteWriter) -> Void) {
        let target = output ?? takeOutput()
        append(&target.bytes)
        if !isFlushQueued {
            isFlushQueued = true
            loop.flushAtEndOfTick(self)
        }
    }

    private func takeOutput() -> OutputBuffer {
        let fresh = serving.takeOutput()
        output = fresh
        return fresh
    }

    public func flush() {
        isFlushQueued = false
        guard let output, isWritable, !isBroken else { return }
        while sent < output.bytes.count {
            let count = output.bytes.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            guard count > 0 else { return forgetSent(output) }
            sent &+= count
        }
        self.output = nil
        sent = 0
        serving.giveBack(output)
        endStall()
    }

    /// Lets go of what was sent once that is the greater part. A client that is never quite caught up would otherwise have us keep
    /// all of an answer that has no end.
    private func forgetSent(_ output: OutputBuffer) {
        guard sent >= 64 * 1024, sent >= output.bytes.count - sent else { return }
        output.bytes.dropFirst(sent)
        sent = 0
    }

    /// Sends what the socket takes. Zero when it takes nothing now, or nothing ever.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            let count = tls?.send(bytes) ?? Socket.send(descriptor, bytes)
            if count > 0 {
                stall?.bytes += count
                return count
            }
            switch -count {
            case Int(EINTR): continue
            case Int(EAGAIN):
                isWritable = false
                beginStall()
            default: lose()
            }
            return 0
        }
    }

    /// Sends bytes from where they are, after what waits already, as fast as the client takes them.
    func sendDirectly(_ bytes: UnsafeRawBufferPointer) async throws {
        try await waitUntilSent(leaving: 0)
        var rest = bytes
        while !rest.isEmpty {
            if isBroken { throw ConnectionLost() }
            let count = isWritable ? send(rest) : 0
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if count == 0 { await waitForRoom() }
        }
        endStall()
    }

    /// Waits until at most so many bytes wait to be sent.
    func waitUntilSent(leaving mark: Int) async throws {
        while pending > mark {
            if isBroken { throw ConnectionLost() }
            if isWritable { flush() }
            if pending > mark { await waitForRoom() }
        }
        if isBroken { throw ConnectionLost() }
    }

    private func waitForRoom() async {
        if isWritable || isBroken { return }
        await withUnsafeContinuation { writer = $0 }
    }

    private func beginStall() {
        guard stall == nil else { return }
        stall = RateFloor(start: loop.now)
        serving.stalled[slot] = self
    }

    private func endStall() {
        guard stall != nil else { return }
        stall = nil
        serving.stalled[slot] = nil
    }

    /// Drops a client that reads its answers too slowly to be worth their memory. Loop only.
    func checkStall(at now: UInt64) {
        if let stall, stall.deadline(serving.options.limits) < now { lose() }
    }

    // MARK: - TLS, and the end

    /// Does the TLS handshake, if there is one to do. False when it failed or took too long.
    func shakeHands() async -> Bool {
        guard let tls else { return true }
        phase = .handshake
        serving.setDeadline(slot, loop.now &+ serving.options.limits.headerTimeout.nanoseconds)
        while true {
            switch tls.shakeHands() {
            case .done: return true
            case .failed: return false
            case .waiting:
                isReadable = false
                await waitForInput()
                if isClosing || isBroken { return false }
            }
        }
    }

    /// Sends what is left, ends our side, and reads on for a moment: closing with unread input would reset the connection, and the
    /// client might lose the answer it has not read yet.
    func finish() async {
        phase = .closing
        if !isBroken, (try? await waitUntilSent(leaving: 0)) != nil {
            tls?.sayGoodbye()
            shutdown(descriptor, Int32(SHUT_WR))
            isClosing = false
            isTimedOut = false
            serving.setDeadline(slot, loop.now &+ 1_000_000_000)
            // What came and was not read is no longer of interest. It may fill the buffer, and there must be room to receive.
            readStart = readEnd
            var discarded = 0
            while !isClosing, !isBroken, discarded < 1 << 20 {
                releaseBuffer()
                switch receive() {
                case .bytes:
                    discarded += readEnd - readStart
                    readStart = readEnd
                    continue
                case .nothing:
                    // A poke may still come from somebody who does not know yet that the session is over.
                    _ = takePoked()
                    await waitForInput()
                    continue
                case .ended: break
                }
                break
            }
        }
        close()
    }

    private func close() {
        if let registration { loop.unwatch(registration) }
        registration = nil
        request = nil
        readStart = readEnd
        releaseBuffer()
        if let output { serving.giveBack(output) }
        output = nil
        endStall()
        Glibc.close(descriptor)
        serving.forget(self)
        task = nil
    }
}

/// Bytes on their way out; the connections of a loop use a few of them in turn. Loop only.
final class OutputBuffer {
    var bytes = ByteWriter(capacity: 4096)
}
