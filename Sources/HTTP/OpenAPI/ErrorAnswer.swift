public import Codec

/// An error as the document tells it: once under the components, and by reference at every route that can answer with it.
struct ErrorAnswer: Sendable {
    let status: Status
    let name: String
    let description: String
    /// A header field that comes with it.
    var field: (name: String, summary: String, schema: Schema)?
    /// Whether it follows from what is declared of a route.
    let isPossible: @Sendable (Route) -> Bool

    func isAnswer(of route: Route) -> Bool { isPossible(route) || route.otherRefusals.contains(status) }

    /// By status. 405 is not among them, as no documented operation gives it; nor are the answers to what is no HTTP (400, 408, 431),
    /// which are given before there is a route.
    static let all: [ErrorAnswer] = [
        ErrorAnswer(
            status: .badRequest, name: "BadRequest",
            description: "The query, the body or the path is malformed. All faults of a body are told at once."
        ) {
            $0.query != nil || $0.input != nil || $0.hasPathParameters || $0.changesThings || $0.isSocket
        },
        ErrorAnswer(
            status: .unauthorized, name: "Unauthorized", description: "The credential is missing where one is needed, or is no good.",
            field: ("WWW-Authenticate", "How to bring one: `Bearer`", .text(1...64))
        ) { !$0.access.ignoresCredential },
        ErrorAnswer(status: .forbidden, name: "Forbidden", description: "The credential is good, and its owner may not do this.") {
            $0.access.needsCredential
        },
        ErrorAnswer(
            status: .notFound, name: "NotFound", description: "There is no such thing, or the caller may not know that there is."
        ) { $0.hasPathParameters },
        ErrorAnswer(status: .conflict, name: "Conflict", description: "It does not fit what is there.") { $0.changesThings },
        ErrorAnswer(
            status: .preconditionFailed, name: "PreconditionFailed", description: "It was changed since: `If-Match` names an older state."
        ) { $0.changesThings ? $0.access.needsCredential : $0.hasPathParameters && !$0.access.ignoresCredential },
        ErrorAnswer(status: .payloadTooLarge, name: "PayloadTooLarge", description: "The body is larger than the server takes.") {
            $0.input != nil
        },
        ErrorAnswer(status: .rangeNotSatisfiable, name: "RangeNotSatisfiable", description: "The range lies behind the end.") { _ in false
        },
        ErrorAnswer(status: .uriTooLong, name: "URITooLong", description: "The path and the query together are longer than 8 KiB.") {
            $0.query != nil
        },
        ErrorAnswer(status: .unsupportedMediaType, name: "UnsupportedMediaType", description: "The body is of another type, or packed.") {
            $0.input != nil
        },
        ErrorAnswer(status: .unprocessable, name: "Unprocessable", description: "The `Idempotency-Key` was used for another body.") {
            $0.changesThings && $0.access.needsCredential
        },
        ErrorAnswer(
            status: .upgradeRequired, name: "UpgradeRequired", description: "This address speaks WebSocket only, in version 13.",
            field: ("Upgrade", "What to ask for: `websocket`", .text(1...64))
        ) { $0.isSocket },
        ErrorAnswer(
            status: .tooManyRequests, name: "TooManyRequests", description: "The caller has asked too often.",
            field: ("Retry-After", "Seconds to wait", .integer(0...Int.max))
        ) { !$0.access.ignoresCredential },
        ErrorAnswer(status: .internalServerError, name: "InternalServerError", description: "Something went wrong on our side.") { _ in true
        },
        ErrorAnswer(
            status: .unavailable, name: "Unavailable", description: "Something that is needed for this is not there now.",
            field: ("Retry-After", "Seconds to wait", .integer(0...Int.max))
        ) { _ in true },
    ]
}

extension Route {
    var hasPathParameters: Bool { !RoutePattern(pattern).names.isEmpty }
    var changesThings: Bool { method != .get && method != .head }
    var isSocket: Bool { output.status == .switchingProtocols }
}

/// The body of every error, for the document. `Refusal` writes it.
struct ErrorBody: Shaped {
    var error = ""
    var message = ""
    var errors: [FaultBody]?
    var requestID = ""

    static let shape = Shape("Error", "What every error looks like. A few tell more beside this", ErrorBody()) {
        Field("error", \.error, .text(1...64), "A word for programs: `NOT_FOUND`")
        Field("message", \.message, .text(1...Int.max), "A sentence for people")
        Field(
            "errors", \.errors, .list(of: .object(FaultBody.self), atMost: Faults.most).orAbsent, "All that is wrong with the body or query"
        )
        Field("request_id", \.requestID, .text(1...128), "Names the request in the server's log; also in `X-Request-Id`")
    }
}

extension Kind {
    /// All that is wrong with what a client sent, as errors tell it. Only written.
    public static var faults: Kind<Faults> {
        Kind<Faults>(
            .list(FaultBody.shape.schema, atMost: Faults.most),
            json: { (reader, reading) throws(JSONFault) in
                try reading.refuse(Fault("read_only", "This is told, not taken"), skipping: &reader)
            },
            write: { faults, writer in faults.write(to: &writer) })
    }
}

struct FaultBody: Shaped {
    var location = ""
    var message = ""
    var type = ""
    var context: [ByteName: JSONValue]?

    static let shape = Shape("Fault", "One thing that is wrong with a body or query", FaultBody()) {
        Field("location", \.location, .text(1...Int.max), "Where: `title`, `tags.3`, `body` for the whole")
        Field("message", \.message, .text(1...Int.max), "A sentence for people")
        Field("type", \.type, .text(1...64), "A word for programs: `string_too_long`")
        Field("context", \.context, .map(of: .json, atMost: 8).orAbsent, "The bound that was broken and the like")
    }
}

extension Status {
    /// `Not Found`
    var phrase: String {
        // The line is `HTTP/1.1 404 Not Found` and a line's end, which is one `Character`.
        String(line.description.dropFirst(13).dropLast(1))
    }
}
