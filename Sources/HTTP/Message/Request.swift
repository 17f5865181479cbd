public import Codec
public import Loop

/// A request, as a handler reads it: places in the bytes that were received, made into values when somebody asks.
///
/// It belongs to its connection's loop, and a connection uses it again for the next request once nobody holds it.
public final class Request {
    public internal(set) var head = RequestHead()
    var buffer: Buffer
    /// Where the head begins in the buffer.
    var start = 0
    unowned var connection: Connection
    var body = RequestBody()
    var match = RouteMatch()
    /// The route that answers, for logs and counters; nil before and without one.
    public internal(set) var route: Route?
    var number: UInt64 = 0
    /// Who asks, in a word for the log; the access check sets it.
    public var caller: String?
    /// What the access check found, for the handlers behind it.
    public var identity: (any Sendable)?

    init(buffer: Buffer, connection: Connection) {
        self.buffer = buffer
        self.connection = connection
    }

    public var method: Method { head.method }

    /// The method's name as it was sent.
    public var methodText: String { text(head.methodText) }

    /// The path as it was sent, percent-encoded, without the query.
    public var path: String { head.path.isEmpty ? "/" : text(head.path) }

    /// The query as it was sent, without the `?`.
    public var query: String { text(head.query) }

    /// The first field of this name.
    public subscript(_ name: FieldName) -> String? { head.place(of: name).map(text) }

    /// The first field of a name that the server does not itself read; in any case.
    public subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        for index in 0..<head.fieldCount where text(head.field(at: index).name).lowercased() == wanted {
            return text(head.field(at: index).value)
        }
        return nil
    }

    public func has(_ name: FieldName) -> Bool { head.place(of: name) != nil }

    /// Calls `body` with the bytes of the first field of this name; for those who would not make a string of it.
    public func withField<Result>(_ name: FieldName, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
        guard let place = head.place(of: name) else { return nil }
        return try withExtendedLifetime(buffer) { try body(bytes(place)) }
    }

    /// The client's request id if it sent a sane one, else one of ours.
    public var id: String {
        var writer = ByteWriter(capacity: 64)
        writeID(to: &writer)
        return writer.text
    }

    public func writeID(to writer: inout ByteWriter) {
        if let sent = head.place(of: .requestID), RequestID.isSane(bytes(sent)) {
            writer.append(bytes(sent))
        } else {
            connection.serving.requestID.write(number, to: &writer)
        }
    }

    /// The address of who asks: the peer's, or what a trusted proxy says.
    public var address: SocketAddress { connection.serving.options.proxies.client(of: self) }

    public var peer: SocketAddress { connection.peer }

    /// Whether the request came in encrypted, here or at a trusted proxy.
    public var isEncrypted: Bool { connection.isEncrypted || connection.serving.options.proxies.isEncrypted(self) }

    func bytes(_ piece: RequestHead.Piece) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffer.base + (start &+ Int(piece.start)), count: Int(piece.length))
    }

    private func text(_ piece: RequestHead.Piece) -> String {
        withExtendedLifetime(buffer) { String(decoding: bytes(piece), as: UTF8.self) }
    }

    /// Makes the request ready for the next head.
    func begin(buffer: Buffer, start: Int, number: UInt64) {
        if self.buffer !== buffer { self.buffer = buffer }
        self.start = start
        self.number = number
        if route != nil { route = nil }
        if caller != nil { caller = nil }
        if identity != nil { identity = nil }
    }
}

/// Ids of requests: a random part for the life of a loop, and a number. They name a request in logs; nothing is guarded by them.
struct RequestID {
    private let prefix: [UInt8]

    init(random: UInt64) {
        prefix = (0..<12).map { Self.digits[Int(random >> UInt64($0 * 4) & 15)] } + [UInt8(ascii: "-")]
    }

    private static let digits = Array("0123456789abcdef".utf8)

    func write(_ number: UInt64, to writer: inout ByteWriter) {
        writer.append(prefix)
        writer.append(count: 10) { room in
            var rest = number
            for index in stride(from: 9, through: 0, by: -1) {
                let digit = UInt8(truncatingIfNeeded: rest & 15)
                room[index] = digit &+ (digit < 10 ? 48 : 87)
                rest >>= 4
            }
        }
    }

    /// An id may be 1 to 128 letters, digits, `-`, `_`, `.`: it goes into logs and answers as it came.
    static func isSane(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty, bytes.count <= 128 else { return false }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                continue
            default: return false
            }
        }
        return true
    }
}
