internal import Codec

/// What we ask of another machine: a GET, or a POST when there is a body.
public struct HTTPCall: Sendable {
    public var url: String
    /// Beside those that libcurl writes. Text that would break the head makes the call `.malformed`.
    public var fields: [(name: String, value: String)]
    public var body: [UInt8]?

    private init(url: String, fields: [(name: String, value: String)], body: [UInt8]?) {
        self.url = url
        self.fields = fields
        self.body = body
    }

    /// - Parameter type: what kind of answer is wanted.
    public static func get(_ url: String, accepting type: String = "*/*") -> HTTPCall {
        HTTPCall(url: url, fields: [("Accept", type)], body: nil)
    }

    /// - Parameter type: what the body is.
    public static func post(_ url: String, _ body: [UInt8], type: String) -> HTTPCall {
        HTTPCall(url: url, fields: [("Content-Type", type)], body: body)
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
