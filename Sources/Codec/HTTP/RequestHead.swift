/// The head of an HTTP/1.1 request: its request line and its fields, as places in the bytes they came in.
///
/// Nothing is copied, and memory is allocated once: a server keeps one of these for each busy connection and has it filled again for
/// each request. The bytes must outlive the reading of it.
//
// `@unchecked Sendable`: it owns the memory that its pointers point to, cannot be copied, and is changed through `inout` only.
public struct RequestHead: ~Copyable, @unchecked Sendable {
    /// A piece of the head's bytes. A head is at most 64 KiB, so 16 bits suffice.
    public struct Piece: Sendable, Equatable {
        public var start: UInt16
        public var length: UInt16

        @inlinable public init(start: Int, end: Int) {
            self.start = UInt16(truncatingIfNeeded: start)
            length = UInt16(truncatingIfNeeded: end &- start)
        }

        @inlinable public static var none: Piece { Piece(start: 0, end: 0) }
        @inlinable public var range: Range<Int> { Int(start)..<(Int(start) &+ Int(length)) }
        @inlinable public var isEmpty: Bool { length == 0 }
    }

    public struct Field: Sendable {
        public var name: Piece
        public var value: Piece
    }

    /// How the body's end is known.
    public enum Framing: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    public enum Upgrade: Sendable { case none, webSocket, other }

    public static let fieldLimit = 100

    public internal(set) var method = Method.get
    /// The method as it was sent; says more than `method` when that is `.other`.
    public internal(set) var methodText = Piece.none
    /// Path without its query, as it was sent: still percent-encoded, beginning with `/`; or `*` for `OPTIONS *`.
    public internal(set) var path = Piece.none
    /// What follows the first `?`, without it.
    public internal(set) var query = Piece.none
    /// Whether there was a `?` at all.
    public internal(set) var hasQuery = false
    /// Minor version: `HTTP/1.0` or `HTTP/1.1`.
    public internal(set) var isVersion11 = true
    public internal(set) var framing = Framing.none
    /// Whether the connection may serve another request after this one.
    public internal(set) var keepsAlive = true
    public internal(set) var expectsContinue = false
    public internal(set) var upgrade = Upgrade.none
    /// The bytes of the head, with the empty line that ends it.
    public internal(set) var length = 0

    /// The authority of an absolute-form target, while the head is being parsed.
    var authority = Piece.none

    public internal(set) var fieldCount: Int = 0
    /// Pointers and not `InlineArray`s: reading one element of those copied all hundred, twice a request.
    @usableFromInline let fields: UnsafeMutablePointer<Field>
    /// For each known name one more than the index of its first field, or 0.
    @usableFromInline let places: UnsafeMutablePointer<UInt8>
    static let nameCount = FieldName.allCases.count

    public init() {
        fields = .allocate(capacity: Self.fieldLimit)
        fields.initialize(repeating: Field(name: .none, value: .none), count: Self.fieldLimit)
        places = .allocate(capacity: Self.nameCount)
        places.initialize(repeating: 0, count: Self.nameCount)
    }

    deinit {
        fields.deallocate()
        places.deallocate()
    }

    @inlinable public func field(at index: Int) -> Field {
        precondition(index >= 0 && index < fieldCount)
        return fields[index]
    }

    /// The first field of this name.
    @inlinable public func place(of name: FieldName) -> Piece? {
        let place = places[Int(name.rawValue)]
        return place == 0 ? nil : fields[Int(place) &- 1].value
    }
}

/// The methods that routes are made of; all else is `.other`.
public enum Method: UInt8, Sendable, CaseIterable {
    case get, head, post, put, patch, delete, options, other

    public var text: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: "OTHER"
        }
    }
}

/// The field names that the server itself reads; found while the head is parsed, so that looking one up costs nothing.
public enum FieldName: UInt8, Sendable, CaseIterable {
    case host, contentLength, transferEncoding, connection, expect, upgrade
    case contentType, contentEncoding, accept, acceptEncoding, authorization, origin, userAgent
    case ifMatch, ifNoneMatch, range, idempotencyKey, lastEventID, requestID, forwardedFor, forwarded, forwardedProto
    case webSocketKey, webSocketVersion, webSocketExtensions, webSocketProtocol
    case requestMethod, requestHeaders, cookie

    public var text: StaticString {
        switch self {
        case .host: "host"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .expect: "expect"
        case .upgrade: "upgrade"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .authorization: "authorization"
        case .origin: "origin"
        case .userAgent: "user-agent"
        case .ifMatch: "if-match"
        case .ifNoneMatch: "if-none-match"
        case .range: "range"
        case .idempotencyKey: "idempotency-key"
        case .lastEventID: "last-event-id"
        case .requestID: "x-request-id"
        case .forwardedFor: "x-forwarded-for"
        case .forwarded: "forwarded"
        case .forwardedProto: "x-forwarded-proto"
        case .webSocketKey: "sec-websocket-key"
        case .webSocketVersion: "sec-websocket-version"
        case .webSocketExtensions: "sec-websocket-extensions"
        case .webSocketProtocol: "sec-websocket-protocol"
        case .requestMethod: "access-control-request-method"
        case .requestHeaders: "access-control-request-headers"
        case .cookie: "cookie"
        }
    }

    /// The known name that these bytes spell, in any case.
    static func named(_ bytes: UnsafeRawBufferPointer) -> FieldName? {
        // Length and first letter leave one candidate, so there is one comparison.
        let candidate: FieldName
        switch (bytes.count, bytes[0] | 0x20) {
        case (4, UInt8(ascii: "h")): candidate = .host
        case (5, UInt8(ascii: "r")): candidate = .range
        case (6, UInt8(ascii: "a")): candidate = .accept
        case (6, UInt8(ascii: "e")): candidate = .expect
        case (6, UInt8(ascii: "o")): candidate = .origin
        case (6, UInt8(ascii: "c")): candidate = .cookie
        case (7, UInt8(ascii: "u")): candidate = .upgrade
        case (8, UInt8(ascii: "i")): candidate = .ifMatch
        case (9, UInt8(ascii: "f")): candidate = .forwarded
        case (10, UInt8(ascii: "c")): candidate = .connection
        case (10, UInt8(ascii: "u")): candidate = .userAgent
        case (12, UInt8(ascii: "c")): candidate = .contentType
        case (12, UInt8(ascii: "x")): candidate = .requestID
        case (13, UInt8(ascii: "a")): candidate = .authorization
        case (13, UInt8(ascii: "i")): candidate = .ifNoneMatch
        case (13, UInt8(ascii: "l")): candidate = .lastEventID
        case (14, UInt8(ascii: "c")): candidate = .contentLength
        case (15, UInt8(ascii: "a")): candidate = .acceptEncoding
        case (15, UInt8(ascii: "i")): candidate = .idempotencyKey
        case (15, UInt8(ascii: "x")): candidate = .forwardedFor
        case (16, UInt8(ascii: "c")): candidate = .contentEncoding
        case (17, UInt8(ascii: "t")): candidate = .transferEncoding
        case (17, UInt8(ascii: "s")): candidate = .webSocketKey
        case (17, UInt8(ascii: "x")): candidate = .forwardedProto
        case (21, UInt8(ascii: "s")): candidate = .webSocketVersion
        case (22, UInt8(ascii: "s")): candidate = .webSocketProtocol
        case (24, UInt8(ascii: "s")): candidate = .webSocketExtensions
        case (29, UInt8(ascii: "a")): candidate = .requestMethod
        case (30, UInt8(ascii: "a")): candidate = .requestHeaders
        default: return nil
        }
        return bytes.equalsIgnoringCase(candidate.text) ? candidate : nil
    }
}
