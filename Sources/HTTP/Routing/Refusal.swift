public import Codec

/// An answer other than success, thrown from wherever it is found out. One shape on the wire for all of them:
/// `{"error":"NOT_FOUND","message":"…","request_id":"…"}`, with `errors` for faults of a body.
public struct Refusal: Error, Sendable {
    public var status: Status
    public var message: String
    public var faults: Faults?
    /// What this one refusal tells beside what all tell, for a client that can use it.
    public var details: [JSONValue.Member] = []
    public var fields: [Response.Field] = []

    public init(_ status: Status, _ message: String, faults: Faults? = nil, fields: [Response.Field] = []) {
        self.status = status
        self.message = message
        self.faults = faults
        self.fields = fields
    }

    public static func badRequest(_ message: String) -> Refusal { Refusal(.badRequest, message) }
    public static func invalid(_ faults: Faults) -> Refusal { Refusal(.badRequest, "Invalid form of body", faults: faults) }
    static func invalid(query faults: Faults) -> Refusal { Refusal(.badRequest, "Invalid query", faults: faults) }
    public static func notFound(_ message: String = "Not found") -> Refusal { Refusal(.notFound, message) }
    public static func forbidden(_ message: String = "You may not do this") -> Refusal { Refusal(.forbidden, message) }

    public static func unauthorized(_ message: String = "A valid credential is needed") -> Refusal {
        Refusal(.unauthorized, message, fields: [.init("www-authenticate", "Bearer")])
    }

    public static func unavailable(_ message: String, retryAfter seconds: Int = 1) -> Refusal {
        Refusal(.unavailable, message, fields: [.init("retry-after", String(seconds))])
    }

    static func tooLarge(limit: Int) -> Refusal { Refusal(.payloadTooLarge, "The body may be at most \(limit) bytes") }

    static func malformed(_ fault: HTTPFault) -> Refusal {
        switch fault.kind {
        case .malformed: Refusal(.badRequest, fault.rawValue)
        case .headTooLarge: Refusal(.headersTooLarge, fault.rawValue)
        case .targetTooLong: Refusal(.uriTooLong, fault.rawValue)
        case .unknownVersion: Refusal(.versionNotSupported, fault.rawValue)
        case .unknownExpectation: Refusal(.expectationFailed, fault.rawValue)
        }
    }

    /// As an answer, for whoever has none to throw it to.
    public func response(for request: Request) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.value(status.code)
        writer.key("message")
        writer.value(message)
        if let faults {
            writer.key("errors")
            faults.write(to: &writer)
        }
        for detail in details {
            writer.key(detail.name)
            writer.value(detail.value)
        }
        writer.key("request_id")
        writer.value(request.id)
        writer.endObject()
        return Response(status, type: .json, body: .bytes(writer.finish()), fields: fields)
    }
}
