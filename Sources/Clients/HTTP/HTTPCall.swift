internal import Codec

/// What we ask of another machine.
public struct HTTPCall: Sendable {
    public var url: String
    /// Beside those that libcurl writes. Text that would break the head makes the call `.malformed`.
    public var fields: [(name: String, value: String)]
    public var body: Body
    /// How it is signed for a store that speaks S3; nil: not at all.
    public var signature: StoreSignature?

    /// What is asked, and what goes with it.
    public enum Body: Sendable {
        /// A GET.
        case none
        /// A POST.
        case bytes([UInt8])
        /// A PUT of all of a file, read from its start while it is sent. It must stay open, and as long as it is, until the answer is there.
        case file(descriptor: Int32, size: Int)
        /// A DELETE.
        case delete
    }

    private init(url: String, fields: [(name: String, value: String)], body: Body) {
        self.url = url
        self.fields = fields
        self.body = body
    }

    /// - Parameter type: what kind of answer is wanted.
    public static func get(_ url: String, accepting type: String = "*/*") -> HTTPCall {
        HTTPCall(url: url, fields: [("Accept", type)], body: .none)
    }

    /// A call of a store that speaks S3.
    ///
    /// - Parameter digest: SHA-256 of the body in hexadecimal digits, which is signed too.
    public static func store(_ url: String, _ body: Body, digest: String, signature: StoreSignature) -> HTTPCall {
        var call = HTTPCall(url: url, fields: [("x-amz-content-sha256", digest)], body: body)
        call.signature = signature
        return call
    }

    /// - Parameter type: what the body is.
    public static func post(_ url: String, _ body: [UInt8], type: String) -> HTTPCall {
        HTTPCall(url: url, fields: [("Content-Type", type)], body: .bytes(body))
    }

    /// Whether it can be sent. libcurl would guess at an address without a scheme or host, and cut texts at a zero byte.
    var isSound: Bool {
        let hasScheme = Array(url.utf8).withUnsafeBytes { bytes in
            ["http://" as StaticString, "https://"].contains { scheme in
                let count = scheme.utf8CodeUnitCount
                return bytes.count > count && bytes[count] != UInt8(ascii: "/")
                    && UnsafeRawBufferPointer(rebasing: bytes[..<count]).equalsIgnoringCase(scheme)
            }
        }
        return hasScheme && url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
            && fields.allSatisfy { name, value in
                !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
                    && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            }
    }
}

/// How a call is signed (AWS Signature Version 4), which libcurl does.
public struct StoreSignature: Sendable {
    let region: String
    let key: String
    let secret: String

    public init(region: String, key: String, secret: String) {
        self.region = region
        self.key = key
        self.secret = secret
    }
}

/// What another machine answered, whatever its status.
public struct HTTPAnswer: Sendable {
    public let status: Int
    public let fields: [(name: String, value: String)]
    public let body: [UInt8]

    /// The first field of that name, which is lower case.
    public subscript(name: StaticString) -> String? {
        fields.first { Array($0.name.utf8).withUnsafeBytes { $0.equalsIgnoringCase(name) } }?.value
    }
}
