internal import Codec
internal import Loop

// The life of a connection, as one task tells it: read a head, have it answered, send the answer, and again.

extension Connection {
    func serve() async {
        if await shakeHands() {
            while await nextRequest(), await answer() {}
            if let session = becoming.take() { return begin(session) }
        }
        await finish()
    }

    /// A session lasts, and keeps nothing of the request that it began with: not its buffer, and not the stack of the task that
    /// answered it, which stays as large as the deepest call has made it. So it gets a task of its own.
    private func begin(_ session: @escaping @Sendable (Connection) async -> Void) {
        releaseRequest()
        _ = takePoked()
        task = loop.spawn {
            await session(self)
            await self.finish()
        }
        if isBroken { task?.cancel() }
    }

    // MARK: - Reading

    /// Answers what can be answered at once, and gets the next request that cannot into `request`. False at the end of the connection:
    /// the client left, was silent for too long, or sent what no request is (which was answered).
    private func nextRequest() async -> Bool {
        scanner = HeadScanner()
        var isFirstWait = true
        var answered = 0
        while true {
            do throws(HTTPFault) {
                while try parseReceived() {
                    switch answerAtOnce() {
                    case .unanswered: return true
                    case .ended: return false
                    case .answered:
                        answered += 1
                        isFirstWait = true
                    }
                }
            } catch {
                await refuse(.malformed(error))
                return false
            }
            if answered >= Self.turn {
                // A client that sends without end must leave the others their turn.
                answered = 0
                await Task.yield()
            }
            switch receive() {
            case .bytes: continue
            case .ended: return false
            case .nothing:
                if isClosing { return false }
                if isTimedOut {
                    // Who has begun nothing has asked nothing, and gets no answer.
                    if readStart < readEnd { await refuse(Refusal(.requestTimeout, "The request's head took too long")) }
                    return false
                }
                beginWait(isFirst: isFirstWait)
                isFirstWait = false
                await waitForInput()
                _ = takePoked()
            }
        }
    }

    /// Reads a head from what was received, if all of it is there. A connection with nothing received gives its memory back.
    private func parseReceived() throws(HTTPFault) -> Bool {
        guard readStart < readEnd, let buffer else {
            releaseRequest()
            releaseBuffer()
            return false
        }
        let received = buffer.bytes(readStart..<readEnd)
        guard case .complete(let length) = try scanner.scan(received) else { return false }
        let request = freshRequest()
        request.begin(buffer: buffer, start: readStart, id: serving.nextID())
        try request.work.pointee.head.parse(UnsafeRawBufferPointer(rebasing: received[..<length]))
        readStart &+= length
        return true
    }

    /// The last request's memory, unless its handler has kept it.
    private func freshRequest() -> Request {
        if request != nil, isKnownUniquelyReferenced(&request), let request { return request }
        let fresh = serving.takeRequest(for: self)
        request = fresh
        return fresh
    }

    private func releaseRequest() {
        guard request != nil else { return }
        if isKnownUniquelyReferenced(&request), let idle = request.take() { serving.giveBack(idle) }
        request = nil
    }

    /// Sets what the wait for input is, and how long it may take. A head's time runs from its first byte, not from its last.
    private func beginWait(isFirst: Bool) {
        let limits = serving.options.limits
        if readStart < readEnd {
            guard phase != .head else { return }
            phase = .head
            serving.setDeadline(slot, loop.now &+ limits.headerTimeout.nanoseconds)
        } else if isFirst || phase != .idle {
            phase = .idle
            // Who connects and says nothing has the time of a head; only one who has asked before may keep the connection idle.
            let usual = hasServed ? limits.idleTimeout : limits.headerTimeout
            let patience = serving.isDraining ? ServingLoop.lastMoment : usual.nanoseconds
            serving.setDeadline(slot, loop.now &+ patience)
        }
    }

    /// Answers what never became a request, and ends the connection.
    private func refuse(_ refusal: Refusal) async {
        let request = serving.takeRequest(for: self)
        request.begin(buffer: buffer ?? serving.buffers.take(), start: readStart, id: serving.nextID())
        request.work.pointee.head.clear()
        let response = refusal.response(for: request)
        try? await send(response, for: request, keepsAlive: false)
        serving.finished(request, response.status, from: serving.startOfRequest())
    }

    // MARK: - Answering

    private enum AtOnce { case answered, unanswered, ended }

    /// How many requests a client may have answered before the others get their turn.
    private static let turn = 64

    /// Answers the request if neither finding the answer nor sending it needs waiting.
    private func answerAtOnce() -> AtOnce {
        guard let request else { return .ended }
        phase = .handling
        hasServed = true
        serving.clearDeadline(slot)
        // The deadline may have passed in the same turn of the loop in which the head came.
        isTimedOut = false
        started = serving.startOfRequest()
        request.work.pointee.body.begin(request.work.pointee.head, limit: serving.options.limits.body)
        guard let response = serving.options.responder.atOnce(request) else { return .unanswered }
        let keepsAlive = mayKeepAlive(after: request)
        guard request.work.pointee.body.isFinished, sendAtOnce(response, for: request, keepsAlive: keepsAlive) else {
            answerInHand = response
            return .unanswered
        }
        serving.finished(request, response.status, from: started)
        return keepsAlive ? .answered : .ended
    }

    private func mayKeepAlive(after request: Request) -> Bool {
        request.work.pointee.head.keepsAlive && !isClosing && mayFinish(request.work.pointee.body)
            && (!serving.isDraining || readStart < readEnd)
    }

    /// Has the request answered and sends the answer. Whether the connection may serve another.
    private func answer() async -> Bool {
        guard let request else { return false }
        let response: Response
        if let inHand = answerInHand.take() { response = inHand } else { response = await serving.options.responder.waiting(request) }
        if isBroken { return false }
        if case .session(let session) = response.body, request.method != .head {
            become(session, response, request, started)
            return false
        }
        let keepsAlive = mayKeepAlive(after: request)
        if !sendAtOnce(response, for: request, keepsAlive: keepsAlive) {
            guard await sendWaiting(response, for: request, keepsAlive: keepsAlive, started) else { return false }
        }
        serving.finished(request, response.status, from: started)
        // The answer may have been one that only the connection's end ends.
        guard keepsAlive, !isClosing else { return false }
        return request.work.pointee.body.isFinished ? true : await discardBody(of: request)
    }

    /// Sends an answer that is long, or made while it is sent. False when the client went away meanwhile, or the making of it failed.
    private func sendWaiting(_ response: Response, for request: Request, keepsAlive: Bool, _ started: UInt64) async -> Bool {
        do {
            try await send(response, for: request, keepsAlive: keepsAlive)
            return true
        } catch {
            // Half an answer is on the wire. Only an abrupt end tells the client that it is no whole one.
            serving.finished(request, response.status, from: started)
            lose()
            return false
        }
    }

    /// Whether what the handler left of the body is little enough to read past. A client that waits to be told to go on is not told.
    private func mayFinish(_ body: RequestBody) -> Bool {
        switch body.rest {
        case .nothing: true
        case .length(let length): length <= 64 * 1024 && !body.mustSayContinue
        case .chunked: false
        }
    }

    private func discardBody(of request: Request) async -> Bool {
        request.work.pointee.body.limit = .max
        do {
            while try await nextBodyPiece(of: request) != nil {}
            return true
        } catch {
            return false
        }
    }

    private func become(
        _ session: @escaping @Sendable (Connection) async -> Void, _ response: Response, _ request: Request, _ started: UInt64
    ) {
        // What the connection becomes has no end that HTTP could see. (After 101 it is no longer HTTP that is spoken.)
        let isUpgrade = response.status == .switchingProtocols
        write { ResponseHead.append(response, length: nil, keepsAlive: isUpgrade, request, serving, to: &$0) }
        phase = .session
        routeIndex = request.route?.index ?? 0
        serving.finished(request, response.status, from: started)
        becoming = session
    }
}
