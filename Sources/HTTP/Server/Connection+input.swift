internal import Glibc
internal import Loop

// What comes from the socket: into which memory, and what it is waited for with.

extension Connection {
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
            if count < room.count, tls == nil, !hasPeerEnded, !hasUrgent { isReadable = false }
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
        if isReadable || isPoked || isTimedOut || isClosing || isBroken || isTooSlow && phase == .session { return }
        await withUnsafeContinuation { reader = $0 }
    }

    /// Waits until there is more of a body to receive, or its time is over. Not for the other reasons of `waitForInput`: that no
    /// further request is wanted does not end the body of this one, and would make its wait no wait at all.
    func waitForBody() async {
        if isReadable || isTimedOut || isBroken { return }
        await withUnsafeContinuation { reader = $0 }
    }

    /// Waits as a session that must not read on: until the client has taken some of what waits for it, or for another reason of
    /// `waitForInput` than input.
    func waitForRoomInSession() async {
        if isPoked || isTimedOut || isClosing || isBroken || isTooSlow { return }
        await withUnsafeContinuation { reader = $0 }
    }

    /// Waits until somebody pokes, or until nobody is there any more. Not for input: what came stays where it is.
    func waitForPoke() async {
        if isPoked || isClosing || isBroken { return }
        await withUnsafeContinuation { reader = $0 }
    }
}
