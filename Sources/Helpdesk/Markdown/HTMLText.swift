/// Text and references as they stand in HTML.
enum HTMLText {
    /// The characters that text means. References that are none of the few that everybody writes stay as they are, and mean themselves once
    /// they are escaped.
    static func resolved(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "&")) else { return Array(bytes) }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            guard bytes[at] == UInt8(ascii: "&"), let found = reference(in: bytes, at: at) else {
                out.append(bytes[at])
                at += 1
                continue
            }
            out += found.meaning
            at = found.end
        }
        return out
    }

    /// Appends text so that a browser reads just that, in a quoted attribute too. Characters that nobody sees and that a text cannot hold
    /// are left out.
    static func escape(_ bytes: some Collection<UInt8>, to out: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "&"): out += "&amp;".utf8
            case UInt8(ascii: "<"): out += "&lt;".utf8
            case UInt8(ascii: ">"): out += "&gt;".utf8
            case UInt8(ascii: "\""): out += "&quot;".utf8
            case UInt8(ascii: "'"): out += "&#39;".utf8
            case UInt8(ascii: "`"): out += "&#96;".utf8
            case 0x0D: out.append(0x0A)
            default: if canHold(byte) { out.append(byte) }
            }
        }
    }

    /// Whether a text in HTML can hold the character: those that control a terminal it cannot, but for tabs and line ends.
    static func canHold(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D: true
        case 0x00..<0x20, 0x7F: false
        default: true
        }
    }

    static func escaped(_ text: String) -> String {
        var out: [UInt8] = []
        escape(text.utf8, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The character that a reference stands for, and where it ends.
    private static func reference(in bytes: ArraySlice<UInt8>, at start: Int) -> (meaning: [UInt8], end: Int)? {
        let longest = bytes[start...].prefix(12)
        guard let end = longest.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = bytes[(start + 1)..<end]
        if name.first == UInt8(ascii: "#") { return number(name.dropFirst()).map { ($0, end + 1) } }
        return named[String(decoding: name, as: UTF8.self)].map { (Array($0.utf8), end + 1) }
    }

    private static let named = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}"]

    private static func number(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        let isHex = digits.first.map { $0 | 0x20 } == UInt8(ascii: "x")
        let text = String(decoding: isHex ? digits.dropFirst() : digits, as: UTF8.self)
        guard text.utf8.allSatisfy({ isHex ? $0.isHexDigit : $0.isDigit }), let value = UInt32(text, radix: isHex ? 16 : 10) else {
            return nil
        }
        guard value > 0, let scalar = Unicode.Scalar(value) else { return Array("\u{FFFD}".utf8) }
        return Array(String(scalar).utf8)
    }
}
