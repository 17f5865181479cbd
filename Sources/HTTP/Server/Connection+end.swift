internal import Glibc
internal import Loop

// How a connection begins, where it is encrypted, and how every one ends.

extension Connection {
    private static let mostDiscarded = 64 << 20
    /// Nanoseconds.
    private static let lastPatience: UInt64 = 1_000_000_000

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
            while !isClosing, !isBroken, discarded < Self.mostDiscarded {
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
