internal import Codec
internal import Loop

// A request's body, piece by piece as its handler asks for it.

extension Connection {
    private static let mostPiecesInTurn = 64

    func nextBodyPiece(of request: Request) async throws -> ByteSlice? {
        if request.work.pointee.body.isFinished { return nil }
        piecesInTurn += 1
        if piecesInTurn > Self.mostPiecesInTurn {
            // A client that sends without end must leave the others their turn.
            piecesInTurn = 0
            await Task.yield()
        }
        while true {
            if readStart < readEnd, let piece = try takePiece(of: request) { return piece.isEmpty ? nil : piece }
            if request.work.pointee.body.mustSayContinue {
                request.work.pointee.body.mustSayContinue = false
                write { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
            }
            switch receive() {
            case .bytes: continue
            case .ended: throw ConnectionLost()
            case .nothing: break
            }
            phase = .body
            let began = loop.now
            var floor = request.work.pointee.body.floor ?? RateFloor(serving.options.limits)
            serving.setDeadline(slot, floor.patience == .max ? .max : began &+ floor.patience)
            await waitForBody()
            floor.spend(loop.now &- began)
            request.work.pointee.body.floor = floor
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
        switch request.work.pointee.body.rest {
        case .nothing: return ByteSlice(buffer: buffer, range: 0..<0)
        case .length(let length):
            let count = min(length, readEnd &- readStart)
            let range = readStart..<readStart &+ count
            readStart &+= count
            request.work.pointee.body.rest = count == length ? .nothing : .length(length &- count)
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
            request.work.pointee.body.rest = step.isFinished ? .nothing : .chunked(decoder)
            if content.isEmpty && !step.isFinished { return nil }
            return try counted(ByteSlice(buffer: buffer, range: content), request)
        }
    }

    private func counted(_ piece: ByteSlice, _ request: Request) throws -> ByteSlice {
        request.work.pointee.body.received += piece.count
        request.work.pointee.body.floor?.earn(piece.count, serving.options.limits)
        if request.work.pointee.body.received > request.work.pointee.body.limit {
            isClosing = true
            throw Refusal.tooLarge(limit: request.work.pointee.body.limit)
        }
        return piece
    }
}
