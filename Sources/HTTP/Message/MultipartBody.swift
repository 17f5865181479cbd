public import Codec

/// A form with files (`multipart/form-data`), read as it comes in: no more of it is in memory than what one look at the socket brings. Who
/// does not ask for more holds the client back.
public struct MultipartBody {
    public enum Event: Sendable {
        case part(MultipartPart)
        /// The next piece of the part's content.
        case bytes(ArraySlice<UInt8>)
        case endPart
        case end
    }

    private let request: Request
    private var parser: MultipartParser
    /// For what it and its reader hold between two looks at the socket.
    private let place: BodyPlace
    private static let held = 384 * 1024
    /// What came and was not told yet, from `at` on.
    private var received: [UInt8] = []
    private var at = 0

    /// Throws 415 for what says it is something else, and 413 for what is announced longer than `limit`, before a byte of it is read.
    public init(_ request: Request, upTo limit: Int) throws {
        guard let boundary = request[.contentType].flatMap({ MultipartParser.boundary(of: $0) }) else {
            throw Refusal(.unsupportedMediaType, "The body must be multipart/form-data with a boundary")
        }
        try request.refusePacked()
        try request.allowBody(upTo: limit)
        self.request = request
        place = try request.connection.serving.bodies.place(for: Self.held)
        parser = MultipartParser(boundary: boundary, mostParts: 20)
    }

    /// What comes next. Throws a `Refusal` for what is malformed, too long or too slow, and `ConnectionLost` when it is cut.
    public mutating func next() async throws -> Event {
        while true {
            let event: MultipartParser.Event
            do throws(MultipartParser.Fault) {
                event = try advance()
            } catch {
                throw Refusal.badRequest("The form is malformed")
            }
            switch event {
            case .part(let part): return .part(part)
            case .bytes(let range): return .bytes(received[range])
            case .endPart: return .endPart
            case .end: return .end
            case .needMore: try await receive()
            }
        }
    }

    private mutating func advance() throws(MultipartParser.Fault) -> MultipartParser.Event {
        var (parser, at) = (parser, at)
        defer { (self.parser, self.at) = (parser, at) }
        return try received.withUnsafeBytes { bytes in
            Result { () throws(MultipartParser.Fault) in try parser.next(bytes, &at) }
        }.get()
    }

    private mutating func receive() async throws {
        guard let piece = try await request.nextPiece() else { throw Refusal.badRequest("The form ends before its last boundary") }
        received.removeSubrange(..<at)
        at = 0
        piece.withUnsafeBytes { received.append(contentsOf: $0) }
    }
}
