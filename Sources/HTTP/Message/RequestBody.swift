internal import Codec

/// How far the body of the present request has been read.
struct RequestBody {
    enum Rest {
        case nothing
        case length(Int)
        case chunked(ChunkedDecoder)
    }

    var rest = Rest.nothing
    /// Content bytes so far, for the limit.
    var received = 0
    /// How long the client may still take; nil before it was waited for. What the handler takes between two pieces is not the client's fault.
    var floor: RateFloor?
    var mustSayContinue = false
    var limit = Int.max

    var isFinished: Bool { if case .nothing = rest { true } else { false } }

    mutating func begin(_ head: borrowing RequestHead, limit: Int) {
        switch head.framing {
        case .none: rest = .nothing
        case .length(let length): rest = .length(length)
        case .chunked: rest = .chunked(ChunkedDecoder())
        }
        received = 0
        floor = nil
        mustSayContinue = head.expectsContinue
        self.limit = limit
    }
}

extension Request {
    /// The next bytes of the body as they come in, or nil at its end. Reading is what makes the client send: who does not ask
    /// does not get, so a slow handler slows its client and fills no memory.
    ///
    /// Throws a `Refusal` when the body is malformed (400), too large (413) or too slow (408), and `ConnectionLost` when it is cut.
    public func nextPiece() async throws -> ByteSlice? {
        try await connection.nextBodyPiece(of: self)
    }

    /// The whole body. Without a copy when it came in one piece with its head, as small ones do.
    public func wholeBody(upTo limit: Int) async throws -> ByteSlice {
        let whole = try await readWholeBody(upTo: limit)
        try byteCount?.came(whole.count)
        return whole
    }

    private func readWholeBody(upTo limit: Int) async throws -> ByteSlice {
        try allowBody(upTo: limit)
        guard let first = try await nextPiece() else { return ByteSlice(buffer: buffer, range: 0..<0) }
        if work.pointee.body.isFinished { return first }
        var whole = try WholeBody(first, connection.serving.bodies)
        while let piece = try await nextPiece() { try whole.append(piece) }
        // Others had their turn meanwhile.
        connection.serving.meters.begins(route: route?.index ?? 0)
        return whole.slice
    }

    /// How large a body may be where the route says nothing else: of a caller whom nobody knows, only what it takes to sign in.
    var usualBodyLimit: Int {
        let limits = connection.serving.options.limits
        return identity == nil ? min(limits.strangersBody, limits.body) : limits.body
    }

    /// Sets how large the body may be, and refuses one that is announced larger before a byte of it is read.
    public func allowBody(upTo limit: Int) throws {
        work.pointee.body.limit = limit
        if case .length(let length) = work.pointee.body.rest, length > limit { throw Refusal.tooLarge(limit: limit) }
    }
}

/// The other side went away in the middle of something.
public struct ConnectionLost: Error {
    public init() {}
}
