/// Reads a header's value word by word (RFC 9110 section 5.6): tokens, quoted strings, blanks.
struct HeaderCursor {
    private let bytes: [UInt8]
    private var at = 0

    init(_ value: String) { bytes = Array(value.utf8) }

    var isAtEnd: Bool { at == bytes.count }

    func isAt(_ mark: Unicode.Scalar) -> Bool { at < bytes.count && bytes[at] == UInt8(ascii: mark) }

    /// Steps over `mark` when it comes next.
    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard isAt(mark) else { return false }
        at += 1
        return true
    }

    mutating func skipBlanks() {
        while isAt(" ") || isAt("\t") { at += 1 }
    }

    /// Steps to after the next `mark`, or to the end.
    mutating func skip(past mark: Unicode.Scalar) {
        while !isAtEnd && !isAt(mark) { at += 1 }
        if !isAtEnd { at += 1 }
    }

    /// The token that comes next; nil when none does.
    mutating func token() -> String? {
        let start = at
        while at < bytes.count, HeaderValue.isTokenByte(bytes[at]) { at += 1 }
        return at == start ? nil : String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// A token, or a quoted string without its quotes and backslashes; nil when neither comes, the string has no end, or it is no text.
    mutating func word() -> String? {
        guard take("\"") else { return token() }
        var text: [UInt8] = []
        while !isAtEnd {
            if take("\"") { return String(received: text) }
            _ = take("\\")
            guard !isAtEnd else { return nil }
            text.append(bytes[at])
            at += 1
        }
        return nil
    }
}
