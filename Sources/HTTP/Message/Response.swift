internal import Glibc

/// An answer, as a handler gives it. The server adds what every answer has: date, length, request id, connection.
public struct Response: Sendable {
    /// A field beside those the server writes. The value may come from a person: control characters become blanks on the wire.
    public struct Field: Sendable {
        public let name: StaticString
        public let value: String

        public init(_ name: StaticString, _ value: String) {
            self.name = name
            self.value = value
        }

        func isNamed(_ other: StaticString) -> Bool {
            name.utf8CodeUnitCount == other.utf8CodeUnitCount && memcmp(name.utf8Start, other.utf8Start, other.utf8CodeUnitCount) == 0
        }
    }

    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Bytes that are part of the program: sent from where they are.
        case embedded(EmbeddedBytes)
        /// Bytes made while they are sent; the closure may wait for the reader.
        case stream(@Sendable (BodyWriter) async throws -> Void)
        /// The same, where it is known how many there will be. Fewer or more end the connection abruptly.
        case sized(Int, @Sendable (BodyWriter) async throws -> Void)
        /// The connection becomes something else after the head of this answer.
        case session(@Sendable (Connection) async -> Void)
    }

    public var status: Status
    public var type: MediaType?
    public var fields: [Field] = []
    public var body: Body
    /// Whether gzip may be applied to the body when the client asks for it.
    public var isCompressible = true
    /// Whether it depends on who asks, so that no cache may give it to anybody else. The router sees to that.
    var isPersonal = false

    public init(_ status: Status, type: MediaType? = nil, body: Body = .none, fields: [Field] = []) {
        self.status = status
        self.type = type
        self.body = body
        self.fields = fields
    }

    public static func json(_ status: Status, _ bytes: [UInt8]) -> Response { Response(status, type: .json, body: .bytes(bytes)) }

    public static func text(_ status: Status, _ text: String, type: MediaType = .plainText) -> Response {
        Response(status, type: type, body: .bytes([UInt8](text.utf8)))
    }

    public func adding(_ name: StaticString, _ value: String) -> Response {
        var copy = self
        copy.fields.append(Field(name, value))
        return copy
    }
}

/// The type of a body.
public struct MediaType: Sendable {
    public let text: StaticString
    let isCompressible: Bool
    let isJSON: Bool

    public init(_ text: StaticString, isCompressible: Bool) {
        self.text = text
        self.isCompressible = isCompressible
        isJSON = false
    }

    private init(json text: StaticString) {
        self.text = text
        isCompressible = true
        isJSON = true
    }

    var isPage: Bool { text.description == MediaType.html.text.description }

    public static var json: MediaType { MediaType(json: "application/json") }
    public static var html: MediaType { MediaType("text/html; charset=utf-8", isCompressible: true) }
    public static var plainText: MediaType { MediaType("text/plain; charset=utf-8", isCompressible: true) }
    public static var css: MediaType { MediaType("text/css; charset=utf-8", isCompressible: true) }
    public static var javaScript: MediaType { MediaType("text/javascript; charset=utf-8", isCompressible: true) }
    public static var svg: MediaType { MediaType("image/svg+xml", isCompressible: true) }
    public static var png: MediaType { MediaType("image/png", isCompressible: false) }
    public static var bytes: MediaType { MediaType("application/octet-stream", isCompressible: false) }
    public static var eventStream: MediaType { MediaType("text/event-stream", isCompressible: false) }
    /// Prometheus' text format.
    public static var metrics: MediaType { MediaType("text/plain; version=0.0.4; charset=utf-8", isCompressible: true) }
}

/// Bytes with the life of the program, such as an embedded asset.
//
// `@unchecked Sendable`: the memory is constant and is never freed.
public struct EmbeddedBytes: @unchecked Sendable {
    public let bytes: UnsafeRawBufferPointer

    /// - Parameter bytes: constant memory that stays until the program ends.
    public init(constant bytes: UnsafeRawBufferPointer) { self.bytes = bytes }
}
