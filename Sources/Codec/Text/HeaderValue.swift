/// A field value with parameters: `form-data; name="a"; filename*=UTF-8''%e2%82%ac`, `multipart/form-data; boundary=x`.
///
/// Parameter names are lower case and each comes once; a value is a token or a quoted string. Nil is better than a guess: two
/// readers that disagree about a file's name are how filters are passed.
public struct HeaderValue: Equatable, Sendable {
    /// What stands before the first `;`, lower case.
    public let value: String
    private var parameters: [ByteName: String] = [:]

    /// Nil when it is not well-formed, holds control characters or too many combining marks in a row, or is not UTF-8.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard UTF8Check.accepts(bytes), CombiningMarks.areFew(in: bytes),
            !bytes.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F })
        else { return nil }
        var scan = Scan(bytes: bytes)
        scan.skipBlanks()
        value = scan.token(and: UInt8(ascii: "/")).lowercased()
        guard !value.isEmpty else { return nil }
        scan.skipBlanks()
        while !scan.isAtEnd {
            guard scan.take(UInt8(ascii: ";")) else { return nil }
            scan.skipBlanks()
            if scan.isAtEnd { return }  // a semicolon at the end is common and harmless
            let name = ByteName(scan.token(and: nil).lowercased())
            guard !name.text.isEmpty, scan.take(UInt8(ascii: "=")) else { return nil }
            guard let text = scan.next == UInt8(ascii: "\"") ? scan.quoted() : scan.token(and: nil), parameters[name] == nil else {
                return nil
            }
            parameters[name] = text
            scan.skipBlanks()
        }
    }

    public init?(_ text: String) {
        guard let value = Array(text.utf8).withUnsafeBytes({ HeaderValue($0) }) else { return nil }
        self = value
    }

    /// The parameter of that lower-case name.
    public subscript(name: String) -> String? { parameters[ByteName(name)] }

    /// The parameter in its extended form, `name*=charset'language'text` (RFC 8187). Nil when there is none; nil within when there is
    /// one that cannot be read.
    func extended(_ name: String) -> String?? {
        guard let raw = self[name + "*"] else { return nil }
        let parts = raw.utf8.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Array(parts[2]).withUnsafeBytes({ Percent.decode($0) }) else { return .some(nil) }
        let charset = String(Substring(parts[0]))
        if charset.equalsIgnoringCase("utf-8") { return .some(String(received: bytes)) }
        guard charset.equalsIgnoringCase("iso-8859-1") else { return .some(nil) }
        return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private struct Scan {
        let bytes: UnsafeRawBufferPointer
        var at = 0

        init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        var isAtEnd: Bool { at == bytes.count }
        var next: UInt8? { at < bytes.count ? bytes[at] : nil }

        mutating func skipBlanks() { while next == 0x20 || next == 0x09 { at += 1 } }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            at += 1
            return true
        }

        /// The longest token (RFC 9110) from here, empty when there is none; `extra` counts as part of it.
        mutating func token(and extra: UInt8?) -> String {
            let start = at
            while let byte = next, byte == extra || HeaderValue.isTokenByte(byte) { at += 1 }
            return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
        }

        /// A quoted string. Only `\"` and `\\` are escapes: browsers write a Windows path's backslashes as they are.
        mutating func quoted() -> String? {
            at += 1
            var text: [UInt8] = []
            while let byte = next {
                at += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
                if byte == UInt8(ascii: "\\"), let escaped = next, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") {
                    text.append(escaped)
                    at += 1
                } else {
                    text.append(byte)
                }
            }
            return nil
        }
    }

    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
