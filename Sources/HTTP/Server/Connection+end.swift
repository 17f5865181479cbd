internal import Glibc
internal import Loop

// How a connection begins, where it is encrypted, and how every one ends.

extension Connection {
    private static let mostDiscarded = 64 << 20
    /// Nanoseconds.
    private static let lastPatience: UInt64 = 1_000_000_000
    /// Nanoseconds between two looks at what the kernel still holds.
    private static let look: UInt64 = 250_000_000
    /// How many bytes may be discarded before the others on the loop get their turn.
    private static let turn = 1 << 20

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
    /// client might lose the answer it has not read yet. One that was refused in the middle of a long body may have much on its way
    /// before it looks up.
    func finish() async {
        phase = .closing
        if !isBroken, (try? await waitUntilSent(leaving: 0)) != nil {
            tls?.sayGoodbye()
            shutdown(descriptor, Int32(SHUT_WR))
            isClosing = false
            isTimedOut = false
            serving.setDeadline(slot, loop.now &+ Self.lastPatience)
            // What came and was not read is no longer of interest. It may fill the buffer, and there must be room to receive.
            readStart = readEnd
            var discarded = 0
            var sinceTurn = 0
            while !isClosing, !isBroken, discarded < Self.mostDiscarded {
                releaseBuffer()
                switch receive() {
                case .bytes:
                    discarded += readEnd - readStart
                    sinceTurn += readEnd - readStart
                    readStart = readEnd
                    if sinceTurn > Self.turn {
                        sinceTurn = 0
                        await Task.yield()
                    }
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
            await waitUntilTaken()
        }
        close()
    }

    /// Waits until the client has taken what the kernel holds for it, as long as it keeps the rate of a reader. A connection that is closed
    /// while the kernel still has much to send costs memory that no limit counts.
    private func waitUntilTaken() async {
        guard !isBroken, Socket.holdsUnacknowledged(descriptor) else { return }
        let limits = serving.options.limits
        var stall = Stall(limits, of: descriptor, at: MonotonicClock.now)
        while !isBroken, Socket.holdsUnacknowledged(descriptor) {
            guard stall.isKeepingRate(limits, descriptor, at: MonotonicClock.now) else { return cut() }
            serving.setDeadline(slot, loop.now &+ Self.look)
            await withUnsafeContinuation { reader = $0 }
        }
        serving.clearDeadline(slot)
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
        // The number of the descriptor may be another connection's a moment later: nothing must be sent to it from here on.
        isBroken = true
        if isCut { Socket.reset(descriptor) } else { Socket.close(descriptor) }
        serving.forget(self)
        task = nil
    }
}
