internal import Codec

/// The head of an answer, written straight into what is sent.
enum ResponseHead {
    /// - Parameter length: the body's length; nil when there is no body, or when its end is known otherwise.
    @inline(__always)
    static func append(
        _ response: Response, length: Int?, isChunked: Bool = false, keepsAlive: Bool, _ request: Request, _ serving: ServingLoop,
        to out: inout ByteWriter
    ) {
        out.reserve(512)
        if let length, response.status == .ok, response.type?.isJSON == true {
            out.append(serving.jsonBeginning)
            out.append(decimal: length)
            out.append("\r\n")
        } else {
            begin(response, serving.usualFields, to: &out)
            if let length {
                out.append("content-length: ")
                out.append(decimal: length)
                out.append("\r\n")
            } else if isChunked {
                out.append("transfer-encoding: chunked\r\n")
            }
        }
        if response.isPersonal { out.append(caching(response)) }
        for field in response.fields { append(field, to: &out) }
        for field in request.answerFields { append(field, to: &out) }
        if !keepsAlive {
            out.append("connection: close\r\n")
        } else if !request.work.pointee.head.isVersion11 {
            out.append("connection: keep-alive\r\n")
        }
        out.append("x-request-id: ")
        request.writeID(to: &out)
        out.append("\r\n\r\n")
    }

    /// Keeps caches between us and the client from giving the answer to somebody else. A route's own word about that wins.
    private static func caching(_ response: Response) -> StaticString {
        response.fields.contains { $0.isNamed("cache-control") }
            ? "vary: authorization\r\n" : "cache-control: private\r\nvary: authorization\r\n"
    }

    /// Status line, date and type: what does not depend on the request.
    ///
    /// - Parameter usual: the date's field, and what else every answer has.
    static func begin(_ response: Response, _ usual: [UInt8], to out: inout ByteWriter) {
        out.append(response.status.line)
        out.append(usual)
        if let type = response.type {
            out.append("content-type: ")
            out.append(type.text)
            out.append("\r\nx-content-type-options: nosniff\r\n")
        }
    }

    private static func append(_ field: Response.Field, to out: inout ByteWriter) {
        out.append(field.name)
        out.append(": ")
        // A value may hold what a person typed. A line break in it would begin a field of their own making.
        for byte in field.value.utf8 { out.append(byte >= 0x20 && byte != 0x7F ? byte : UInt8(ascii: " ")) }
        out.append("\r\n")
    }
}
