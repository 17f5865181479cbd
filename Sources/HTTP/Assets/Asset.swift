internal import Codec

/// What is made once and sent as it is: a page, a script, a picture, the API's description. It is sent packed to who takes that, and
/// not at all to who has it already.
///
/// Both forms have a strong `ETag`, each its own (RFC 9110, 8.8.3): they are other bytes.
public struct Asset: Sendable {
    /// One form of it, as it goes out.
    private struct Form: Sendable {
        let body: Response.Body
        let tag: String
    }

    /// The path of its URL.
    public let path: String
    public let type: MediaType
    private let plain: Form
    private let packed: Form?
    /// Fields of every answer with it, beside those about its forms.
    private var fields: [Response.Field] = []

    /// Bytes that are part of the program.
    ///
    /// - Parameters:
    ///   - tag: a strong `ETag` of the plain bytes, with its quotes.
    ///   - gzip: the same bytes packed; nil where that does not make them fewer.
    public init(path: String, type: MediaType, tag: String, plain: EmbeddedBytes, gzip: EmbeddedBytes?) {
        self.init(path: path, type: type, tag: tag, plain: .embedded(plain), gzip: gzip.map { .embedded($0) })
    }

    /// Bytes that the program made, which are tagged and packed here.
    public init(path: String, type: MediaType, _ bytes: [UInt8]) {
        let packed = bytes.withUnsafeBytes { Gzip.compress($0, level: 9) }
        let gzip = packed.count < bytes.count ? Response.Body.bytes(packed) : nil
        self.init(path: path, type: type, tag: Self.tag(of: bytes), plain: .bytes(bytes), gzip: gzip)
    }

    private init(path: String, type: MediaType, tag: String, plain: Response.Body, gzip: Response.Body?) {
        precondition(tag.utf8.count > 2 && tag.hasPrefix("\"") && tag.hasSuffix("\""), "\(path): the tag has no quotes")
        self.path = path
        self.type = type
        self.plain = Form(body: plain, tag: tag)
        packed = gzip.map { Form(body: $0, tag: "\(tag.dropLast())-gzip\"") }
    }

    /// The same asset, whose answers have these fields too: a page's policy, say.
    public func adding(_ fields: [Response.Field]) -> Asset {
        var copy = self
        copy.fields += fields
        return copy
    }

    /// The answer to a GET: the bytes, or 304 when the client says that it has them.
    ///
    /// The address stays the same when a release changes the bytes, so a client may keep them but asks each time (`no-cache`).
    public func response(to request: Request) -> Response {
        let form = packed.flatMap { request.acceptsGzip ? $0 : nil } ?? plain
        var answer = [Response.Field("etag", form.tag), Response.Field("cache-control", "no-cache")]
        if packed != nil { answer.append(.init("vary", "accept-encoding")) }
        answer += fields
        if request.has(form.tag) { return Response(.notModified, fields: answer) }
        if form.tag != plain.tag { answer.append(.init("content-encoding", "gzip")) }
        var response = Response(.ok, type: type, body: form.body, fields: answer)
        // It is packed already, or the client did not ask for that.
        response.isCompressible = false
        return response
    }

    /// As many bits of SHA-256 as leave no chance of two versions with one tag.
    private static func tag(of bytes: [UInt8]) -> String {
        "\"\(Hex.encode(SHA256.digest(bytes)[..<8]))\""
    }
}

/// Assets by their paths.
public struct Assets: Sendable {
    public let all: [Asset]
    private let places: [String: Int]

    /// Each path once.
    public init(_ all: [Asset]) {
        self.all = all
        places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.path, $0) })
    }

    public subscript(_ path: String) -> Asset? { places[path].map { all[$0] } }
}

extension Request {
    /// Whether the client has the form with this strong tag already: whether `If-None-Match` names it, or is `*`. The comparison is
    /// the weak one, as that field wants it (RFC 9110, 13.1.2).
    public func has(_ tag: String) -> Bool {
        withField(.ifNoneMatch) { field in
            field.listMembers.contains { member in
                let strong = member.starts(with: "W/".utf8) ? member.dropFirst(2) : member[...]
                return strong.elementsEqual(tag.utf8) || member.elementsEqual("*".utf8)
            }
        } ?? false
    }
}
