/// Why a request is refused before any route sees it. Each ends the connection, since where the next request would begin is in doubt.
public enum HTTPFault: String, Error, Sendable, CaseIterable {
    case requestLine = "The request line is malformed"
    case version = "Only HTTP/1 is spoken here"
    case target = "The request target is malformed"
    case targetTooLong = "The request target is too long"
    case bareLineFeed = "A line ends without CR"
    case bareCarriageReturn = "A CR stands without LF"
    case fieldName = "A field name is malformed"
    case fieldValue = "A field value holds a control character"
    case combiningMarks = "There are more than 30 combining marks in a row"
    case folding = "A field value goes on in another line"
    case headTooLarge = "The header block is too large"
    case tooManyFields = "There are too many header fields"
    case host = "There must be exactly one Host, and a valid one"
    case contentLength = "Content-Length must be one plain number"
    case transferEncoding = "Transfer-Encoding may only be one chunked"
    case framing = "Content-Length and Transfer-Encoding exclude each other"
    case connection = "The Connection field is malformed"
    case expectation = "The only expectation known here is 100-continue"
    case chunkSize = "A chunk size is malformed"
    case chunkExtension = "The chunk extensions are too long or malformed"
    case chunkEnd = "A chunk does not end where its size says"
    case trailer = "The trailer section is malformed"

    public enum Kind: Sendable { case malformed, headTooLarge, targetTooLong, unknownVersion, unknownExpectation }

    public var kind: Kind {
        switch self {
        case .headTooLarge, .tooManyFields: .headTooLarge
        case .targetTooLong: .targetTooLong
        case .version: .unknownVersion
        case .expectation: .unknownExpectation
        default: .malformed
        }
    }
}
