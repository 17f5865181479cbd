/// A status of an answer, with the reason phrase that goes on the wire.
public enum Status: Int, Sendable, CaseIterable {
    case switchingProtocols = 101
    case ok = 200
    case created = 201
    case accepted = 202
    case noContent = 204
    case partialContent = 206
    case movedPermanently = 301
    case seeOther = 303
    case notModified = 304
    case badRequest = 400
    case unauthorized = 401
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case conflict = 409
    case preconditionFailed = 412
    case payloadTooLarge = 413
    case uriTooLong = 414
    case unsupportedMediaType = 415
    case rangeNotSatisfiable = 416
    case expectationFailed = 417
    case unprocessable = 422
    case upgradeRequired = 426
    case tooManyRequests = 429
    case headersTooLarge = 431
    case internalServerError = 500
    case unavailable = 503
    case versionNotSupported = 505

    /// `HTTP/1.1 200 OK` and the line's end.
    var line: StaticString {
        switch self {
        case .switchingProtocols: "HTTP/1.1 101 Switching Protocols\r\n"
        case .ok: "HTTP/1.1 200 OK\r\n"
        case .created: "HTTP/1.1 201 Created\r\n"
        case .accepted: "HTTP/1.1 202 Accepted\r\n"
        case .noContent: "HTTP/1.1 204 No Content\r\n"
        case .partialContent: "HTTP/1.1 206 Partial Content\r\n"
        case .movedPermanently: "HTTP/1.1 301 Moved Permanently\r\n"
        case .seeOther: "HTTP/1.1 303 See Other\r\n"
        case .notModified: "HTTP/1.1 304 Not Modified\r\n"
        case .badRequest: "HTTP/1.1 400 Bad Request\r\n"
        case .unauthorized: "HTTP/1.1 401 Unauthorized\r\n"
        case .forbidden: "HTTP/1.1 403 Forbidden\r\n"
        case .notFound: "HTTP/1.1 404 Not Found\r\n"
        case .methodNotAllowed: "HTTP/1.1 405 Method Not Allowed\r\n"
        case .requestTimeout: "HTTP/1.1 408 Request Timeout\r\n"
        case .conflict: "HTTP/1.1 409 Conflict\r\n"
        case .preconditionFailed: "HTTP/1.1 412 Precondition Failed\r\n"
        case .payloadTooLarge: "HTTP/1.1 413 Content Too Large\r\n"
        case .uriTooLong: "HTTP/1.1 414 URI Too Long\r\n"
        case .unsupportedMediaType: "HTTP/1.1 415 Unsupported Media Type\r\n"
        case .rangeNotSatisfiable: "HTTP/1.1 416 Range Not Satisfiable\r\n"
        case .expectationFailed: "HTTP/1.1 417 Expectation Failed\r\n"
        case .unprocessable: "HTTP/1.1 422 Unprocessable Content\r\n"
        case .upgradeRequired: "HTTP/1.1 426 Upgrade Required\r\n"
        case .tooManyRequests: "HTTP/1.1 429 Too Many Requests\r\n"
        case .headersTooLarge: "HTTP/1.1 431 Request Header Fields Too Large\r\n"
        case .internalServerError: "HTTP/1.1 500 Internal Server Error\r\n"
        case .unavailable: "HTTP/1.1 503 Service Unavailable\r\n"
        case .versionNotSupported: "HTTP/1.1 505 HTTP Version Not Supported\r\n"
        }
    }

    /// The word of the contract's errors; success has none.
    public var code: StaticString {
        switch self {
        case .badRequest: "BAD_REQUEST"
        case .unauthorized: "UNAUTHORIZED"
        case .forbidden: "FORBIDDEN"
        case .notFound: "NOT_FOUND"
        case .methodNotAllowed: "METHOD_NOT_ALLOWED"
        case .requestTimeout: "REQUEST_TIMEOUT"
        case .conflict: "CONFLICT"
        case .preconditionFailed: "PRECONDITION_FAILED"
        case .payloadTooLarge: "PAYLOAD_TOO_LARGE"
        case .uriTooLong: "URI_TOO_LONG"
        case .unsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE"
        case .rangeNotSatisfiable: "RANGE_NOT_SATISFIABLE"
        case .expectationFailed: "EXPECTATION_FAILED"
        case .unprocessable: "UNPROCESSABLE"
        case .upgradeRequired: "UPGRADE_REQUIRED"
        case .tooManyRequests: "RATELIMIT"
        case .headersTooLarge: "HEADERS_TOO_LARGE"
        case .unavailable: "UNAVAILABLE"
        case .versionNotSupported: "HTTP_VERSION_NOT_SUPPORTED"
        default: "INTERNAL_SERVER_ERROR"
        }
    }

    /// Whether an answer of this status never has a body.
    @usableFromInline var isBodiless: Bool { self == .noContent || self == .notModified || self == .switchingProtocols }

    /// A small number for tables of counters, in the order of the cases.
    var index: Int { Self.indices[rawValue - 101] }

    static let count = allCases.count

    private static let indices: [Int] = {
        var indices = [Int](repeating: 0, count: 505 - 101 + 1)
        for (index, status) in allCases.enumerated() { indices[status.rawValue - 101] = index }
        return indices
    }()
}
