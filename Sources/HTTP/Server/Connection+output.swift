internal import Codec
internal import Glibc
internal import Loop

// What goes to the socket. Writing never waits: it appends to the output, which is sent when the tick ends. Who writes much looks at
// what is pending, and waits for that.

extension Connection {
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

    /// Takes a buffer in which the pieces of a long answer have room.
    func takeLargeOutput() {
        if output == nil { output = serving.takeLargeOutput() }
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

    /// How much a session may write before others have their turn.
    private static let turn = 32 * 1024

    /// For a session that has much to tell: waits until at most so many bytes wait to be sent, and lets others be served in between.
    func waitForTurn(leaving mark: Int) async {
        if pending > Self.turn { await loop.nextTick() }
        try? await waitUntilSent(leaving: mark)
    }

    /// Waits until at most so many bytes wait to be sent.
    func waitUntilSent(leaving mark: Int) async throws {
        while pending > mark {
            if isBroken || (isTooSlow && phase == .session) { throw ConnectionLost() }
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
        stall = Stall(serving.options.limits, of: descriptor, at: loop.now)
        serving.stalled[slot] = self
    }

    func endStall() {
        guard stall != nil else { return }
        stall = nil
        serving.stalled[slot] = nil
    }

    /// Drops a client that reads too slowly to be worth the memory. Loop only.
    ///
    /// A session is told first: a client that reads again within another grace learns why it was dropped.
    func checkStall(at now: UInt64) {
        let limits = serving.options.limits
        guard stall?.isKeepingRate(limits, descriptor, at: now) == false else { return }
        guard phase == .session, !isTooSlow else { return cut() }
        isTooSlow = true
        stall = Stall(limits, of: descriptor, at: now)
        wakeReader()
        wakeWriter()
    }
}

/// Bytes on their way out; the connections of a loop use a few of them in turn. Loop only.
final class OutputBuffer {
    var bytes: ByteWriter
    /// How large one is made for an answer that is sent in pieces, so that it need not grow to that size each time.
    static let large = 192 * 1024

    init(capacity: Int = 4096) { bytes = ByteWriter(capacity: capacity) }
}
