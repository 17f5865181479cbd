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
    private var ownID: RequestID
    /// Who asks, in a word for the log; the access check sets it.
    public var caller: String?
    /// What the access check found, for the handlers behind it.
    public var identity: (any Sendable)?
    /// Whether a route has refused it already and another one of the same path is asked, so that nobody counts it twice.
    public internal(set) var isAskedAgain = false
    /// Counts what it brings and gets, where somebody bounds that.
    public var byteCount: (any ByteCount)?
    /// Fields that the answer gets whatever it is: what is left of a limit, say.
    public var answerFields: [Response.Field] = []

    init(buffer: Buffer, connection: Connection) {
        work = .allocate(capacity: 1)
        work.initialize(to: Work())
        self.buffer = buffer
        self.connection = connection
        ownID = connection.serving.nextID()
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

    /// The first field of a name, in lower case, that the server does not itself read.
    public subscript(_ name: StaticString) -> String? {
        for index in 0..<work.pointee.head.fieldCount {
            let field = work.pointee.head.field(at: index)
            if bytes(field.name).equalsIgnoringCase(name) { return text(field.value) }
        }
        return nil
    }

    public func has(_ name: FieldName) -> Bool { work.pointee.head.place(of: name) != nil }

    /// Whether more than one field of this name came.
    func hasSeveral(_ name: FieldName) -> Bool {
        var count = 0
        for index in 0..<work.pointee.head.fieldCount where bytes(work.pointee.head.field(at: index).name).equalsIgnoringCase(name.text) {
            count += 1
        }
        return count > 1
    }

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
            ownID.write(to: &writer)
        }
    }

    /// The address of who asks: the peer's, or what a trusted proxy says.
    public var address: IPAddress { connection.serving.options.proxies.client(of: self) }

    /// The same as text. Made once for a connection, unless a proxy brings many clients over one.
    public var addressText: String {
        let proxies = connection.serving.options.proxies
        return proxies.isEmpty ? connection.peerText : proxies.client(of: self).description
    }

    /// The network that the client's provider gave it, which is what a limit counts: an IPv4 address, or the first half of an IPv6 one,
    /// of whose second half everybody has 2⁶⁴.
    public var networkText: String {
        if connection.peer.ip.isIPv4, connection.serving.options.proxies.isEmpty { return connection.peerText }
        return address.networkText
    }

    /// The part of the network that the client's network is likely to have its addresses from, with many others: what a share of something
    /// is counted by that one client with many networks shall not use up. 256 IPv4 addresses, or what a site gets of IPv6 (a /48).
    public var providerText: String {
        let address = address
        guard address.isIPv4 else { return IPAddress(v6: (address.bits >> 80) << 80).description + "/48" }
        return IPAddress(v4: UInt32(truncatingIfNeeded: address.bits) & 0xFFFF_FF00).description + "/24"
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
    func begin(buffer: Buffer, start: Int, id: RequestID) {
        if self.buffer !== buffer { self.buffer = buffer }
        self.start = start
        ownID = id
        if route != nil { route = nil }
        if caller != nil { caller = nil }
        if identity != nil { identity = nil }
        if byteCount != nil { byteCount = nil }
        isAskedAgain = false
        if !answerFields.isEmpty { answerFields = [] }
    }
}

/// An id of a request: 15 random digits for the life of a loop, and 8 that count. It names a request in logs; nothing is guarded by it.
///
/// Kept as the 24 characters it is written as, since each is written twice, into the answer and into the log.
struct RequestID {
    private var high: UInt64
    private var middle: UInt64
    private var low: UInt64

    /// The first of a series.
    init(random: UInt64, _ more: UInt64) {
        high = Self.digits(UInt32(truncatingIfNeeded: random))
        middle = Self.digits(UInt32(truncatingIfNeeded: more)) & 0x00FF_FFFF_FFFF_FFFF | UInt64(UInt8(ascii: "-")) << 56
        low = Self.digits(0)
    }

    /// Another number of the same series.
    func numbered(_ number: UInt32) -> RequestID {
        var copy = self
        copy.low = Self.digits(number)
        return copy
    }

    func write(to out: inout ByteWriter) {
        out.append(count: 24) { room in
            room.storeBytes(of: high.littleEndian, as: UInt64.self)
            room.storeBytes(of: middle.littleEndian, toByteOffset: 8, as: UInt64.self)
            room.storeBytes(of: low.littleEndian, toByteOffset: 16, as: UInt64.self)
        }
    }

    /// Eight hexadecimal digits, the first in the lowest byte. All at once: the nibbles are spread to bytes, and those above nine are
    /// found by the carry that adding six gives them.
    private static func digits(_ number: UInt32) -> UInt64 {
        var spread = UInt64(number)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        spread = (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 39).byteSwapped
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
