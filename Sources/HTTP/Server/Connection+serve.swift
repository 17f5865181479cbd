internal import Codec
internal import Loop

// The life of a connection, as one task tells it: read a head, have it answered, send the answer, and again.

extension Connection {
    func serve() async {
        if await shakeHands() {
            while let request = await nextRequest() {
                let isKept = await answer(request)
                if !isKept { break }
            }
        }
        await finish()
    }

    // MARK: - Reading

    /// The next request's head. Nil at the end of the connection: the client left, was silent for too long, or sent what no
    /// request is (which was answered).
    private func nextRequest() async -> Request? {
        var scanner = HeadScanner()
        var isFirstWait = true
        while true {
            if readStart < readEnd, let buffer {
                do throws(HTTPFault) {
                    let received = buffer.bytes(readStart..<readEnd)
                    if case .complete(let length) = try scanner.scan(received) {
                        let request = serving.takeRequest(for: self)
                        request.begin(buffer: buffer, start: readStart, number: serving.nextNumber())
                        try request.head.parse(UnsafeRawBufferPointer(rebasing: received[..<length]))
                        readStart &+= length
                        return request
                    }
                } catch {
                    await refuse(.malformed(error))
                    return nil
                }
            } else {
                releaseBuffer()
            }
            switch receive() {
            case .bytes: continue
            case .ended: return nil
            case .nothing:
                if isClosing { return nil }
                if isTimedOut {
                    await refuse(Refusal(.requestTimeout, "The request's head took too long"))
                    return nil
                }
                beginWait(isFirst: isFirstWait)
                isFirstWait = false
                await waitForInput()
                _ = takePoked()
            }
        }
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
        request.begin(buffer: buffer ?? serving.buffers.take(), start: readStart, number: serving.nextNumber())
        request.head = RequestHead()
        let response = refusal.response(for: request)
        let started = MonotonicClock.now
        try? await send(response, for: request, keepsAlive: false)
        serving.finished(request, response.status, from: started)
        serving.giveBack(request)
    }

    // MARK: - Answering

    /// Has the request answered and sends the answer. Whether the connection may serve another.
    private func answer(_ request: Request) async -> Bool {
        phase = .handling
        hasServed = true
        serving.clearDeadline(slot)
        let started = serving.startOfRequest()
        request.body = RequestBody(request.head)
        request.body.limit = serving.options.limits.body
        let response = await serving.options.respond(request)
        if isBroken { return false }
        if case .session(let session) = response.body {
            return await become(session, response, request, started)
        }
        let keepsAlive = request.head.keepsAlive && !isClosing && mayFinish(request.body) && (!serving.isDraining || readStart < readEnd)
        do {
            try await send(response, for: request, keepsAlive: keepsAlive)
            serving.finished(request, response.status, from: started)
            if !request.body.isFinished, keepsAlive { try await discardBody(of: request) }
        } catch {
            // Half an answer is on the wire. Only an abrupt end tells the client that it is no whole one.
            serving.finished(request, response.status, from: started)
            abort()
            return false
        }
        serving.giveBack(request)
        return keepsAlive
    }

    /// Whether what the handler left of the body is little enough to read past. A client that waits to be told to go on is not told.
    private func mayFinish(_ body: RequestBody) -> Bool {
        switch body.rest {
        case .nothing: true
        case .length(let length): length <= 64 * 1024 && !body.mustSayContinue
        case .chunked: false
        }
    }

    private func discardBody(of request: Request) async throws {
        request.body.limit = .max
        while try await nextBodyPiece(of: request) != nil {}
    }

    private func become(_ session: @Sendable (Connection) async -> Void, _ response: Response, _ request: Request, _ started: UInt64) async -> Bool {
        write { ResponseHead.append(response, length: nil, keepsAlive: true, request, serving, to: &$0) }
        phase = .session
        serving.finished(request, response.status, from: started)
        serving.giveBack(request)
        _ = takePoked()
        await session(self)
        return false
    }

    // MARK: - Bodies

    func nextBodyPiece(of request: Request) async throws -> ByteSlice? {
        if request.body.isFinished { return nil }
        while true {
            if readStart < readEnd, let piece = try takePiece(of: request) { return piece.isEmpty ? nil : piece }
            if request.body.mustSayContinue {
                request.body.mustSayContinue = false
                write { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
            }
            switch receive() {
            case .bytes: continue
            case .ended: throw ConnectionLost()
            case .nothing: break
            }
            phase = .body
            let floor = RateFloor(start: request.body.began ?? loop.now, bytes: request.body.received)
            request.body.began = floor.start
            serving.setDeadline(slot, floor.deadline(serving.options.limits))
            await waitForInput()
            serving.clearDeadline(slot)
            phase = .handling
            if isTimedOut {
                isClosing = true
                throw Refusal(.requestTimeout, "The request's body comes too slowly")
            }
            if isBroken { throw ConnectionLost() }
        }
    }

    /// Content from what was received; empty at the body's end; nil when only framing was there.
    private func takePiece(of request: Request) throws -> ByteSlice? {
        guard let buffer else { return nil }
        switch request.body.rest {
        case .nothing: return ByteSlice(buffer: buffer, range: 0..<0)
        case .length(let length):
            let count = min(length, readEnd &- readStart)
            let range = readStart..<readStart &+ count
            readStart &+= count
            request.body.rest = count == length ? .nothing : .length(length &- count)
            return try counted(ByteSlice(buffer: buffer, range: range), request)
        case .chunked(var decoder):
            let step: ChunkedDecoder.Step
            do throws(HTTPFault) {
                step = try decoder.step(buffer.bytes(readStart..<readEnd))
            } catch {
                isClosing = true
                throw Refusal.malformed(error)
            }
            let content = readStart &+ step.content.lowerBound..<readStart &+ step.content.upperBound
            readStart &+= step.consumed
            request.body.rest = step.isFinished ? .nothing : .chunked(decoder)
            if content.isEmpty && !step.isFinished { return nil }
            return try counted(ByteSlice(buffer: buffer, range: content), request)
        }
    }

    private func counted(_ piece: ByteSlice, _ request: Request) throws -> ByteSlice {
        request.body.received += piece.count
        if request.body.received > request.body.limit {
            isClosing = true
            throw Refusal.tooLarge(limit: request.body.limit)
        }
        return piece
    }
}
