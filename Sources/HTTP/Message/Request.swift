public import Codec
public import Loop

/// A request, as a handler reads it: places in the bytes that were received, made into values when somebody asks.
///
/// It belongs to its connection's loop, and a connection uses it again for the next request once nobody holds it.
public final class Request {
    /// What is worked out anew for each request. Behind a pointer, because a class's own properties are checked for overlapping access
    /// at run time, which for these came to a tenth of the server's own time; nothing here is reached but through the loop.
    struct Work: ~Copyable {
        var head = RequestHead()
        var match = RouteMatch()
        var body = RequestBody()
    }

    let work: UnsafeMutablePointer<Work>
    var buffer: Buffer
    /// Where the head begins in the buffer.
    var start = 0
    /// Alive as long as the request is used: the connection's own task answers it, and sets this before it does.
    unowned(unsafe) var connection: Connection
    /// The route that answers, for logs and counters; nil before and without one.
    public internal(set) var route: Route?
    var number: UInt64 = 0
    /// Who asks, in a word for the log; the access check sets it.
    public var caller: String?
    /// What the access check found, for the handlers behind it.
    public var identity: (any Sendable)?

    init(buffer: Buffer, connection: Connection) {
        work = .allocate(capacity: 1)
        work.initialize(to: Work())
        self.buffer = buffer
        self.connection = connection
    }

    deinit {
        work.deinitialize(count: 1)
        work.deallocate()
    }

    public var method: Method { work.pointee.head.method }

    /// The method's name as it was sent.
    public var methodText: String { text(work.pointee.head.methodText) }

    /// The path as it was sent, percent-encoded, without the query.
    public var path: String { work.pointee.head.path.isEmpty ? "/" : text(work.pointee.head.path) }

    /// The query as it was sent, without the `?`.
    public var query: String { text(work.pointee.head.query) }

    /// The first field of this name.
    public subscript(_ name: FieldName) -> String? { work.pointee.head.place(of: name).map(text) }

    /// The first field of a name that the server does not itself read; in any case.
    public subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        for index in 0..<work.pointee.head.fieldCount {
            let field = work.pointee.head.field(at: index)
            if text(field.name).lowercased() == wanted { return text(field.value) }
        }
        return nil
    }

    public func has(_ name: FieldName) -> Bool { work.pointee.head.place(of: name) != nil }

    /// Calls `body` with the bytes of the first field of this name; for those who would not make a string of it.
    public func withField<Result>(_ name: FieldName, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
        guard let place = work.pointee.head.place(of: name) else { return nil }
        return try withExtendedLifetime(buffer) { try body(bytes(place)) }
    }

    /// The client's request id if it sent a sane one, else one of ours.
    public var id: String {
        var writer = ByteWriter(capacity: 64)
        writeID(to: &writer)
        return writer.text
    }

    public func writeID(to writer: inout ByteWriter) {
        if let sent = work.pointee.head.place(of: .requestID), RequestID.isSane(bytes(sent)) {
            writer.append(bytes(sent))
        } else {
            connection.serving.requestID.write(number, to: &writer)
        }
    }

    /// The address of who asks: the peer's, or what a trusted proxy says.
    public var address: IPAddress { connection.serving.options.proxies.client(of: self) }

    /// The same as text. Made once for a connection, unless a proxy brings many clients over one.
    public var addressText: String {
        let proxies = connection.serving.options.proxies
        return proxies.isEmpty ? connection.peerText : proxies.client(of: self).description
    }

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
    private var prefix = InlineArray<13, UInt8>(repeating: UInt8(ascii: "-"))

    init(random: UInt64) {
        for index in 0..<12 { prefix[index] = Self.digit(random >> UInt64(index * 4)) }
    }

    private static func digit(_ number: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: number & 15)
        return digit &+ (digit < 10 ? 48 : 87)
    }

    func write(_ number: UInt64, to writer: inout ByteWriter) {
        writer.append(count: 23) { room in
            for index in 0..<13 { room[index] = prefix[index] }
            var rest = number
            for index in stride(from: 22, through: 13, by: -1) {
                room[index] = Self.digit(rest)
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
