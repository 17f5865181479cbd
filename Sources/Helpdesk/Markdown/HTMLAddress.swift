/// Where a link leads or a picture comes from, once it is known to be harmless.
struct HTMLAddress {
    /// As it may stand in an attribute, before it is escaped.
    let text: [UInt8]
    /// Whether it leads away from the desk.
    let isForeign: Bool

    static let longest = 2048

    enum Use {
        case link, picture
    }

    /// Nil for what could be something else than an address of a page, a mail or a picture, as any browser may understand it.
    init?(_ value: [UInt8], for use: Use, home: String) {
        // Browsers take blanks off the ends, and line ends and tabs out of the middle.
        var bytes = value.filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }[...]
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.count <= Self.longest, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        let text = Self.encoded(bytes)
        guard text.count <= Self.longest else { return nil }
        switch Self.scheme(of: text) {
        case .none: return nil
        case .relative:
            self.init(text: text, isForeign: false)
        case .page(let isSecret):
            let isForeign = !Self.leads(text, to: home)
            if use == .picture, isForeign, !isSecret { return nil }
            self.init(text: text, isForeign: isForeign)
        case .mail:
            guard use == .link else { return nil }
            self.init(text: text, isForeign: false)
        }
    }

    private init(text: [UInt8], isForeign: Bool) {
        self.text = text
        self.isForeign = isForeign
    }

    private enum Scheme {
        /// None that we let through.
        case none
        case relative
        /// http, or https when it is secret.
        case page(isSecret: Bool)
        case mail
    }

    private static func scheme(of text: [UInt8]) -> Scheme {
        // What begins with two slashes names another host.
        if text.starts(with: "//".utf8) { return .none }
        guard let end = text.firstIndex(where: { ":/?#".utf8.contains($0) }), text[end] == UInt8(ascii: ":") else { return .relative }
        let rest = text[(end + 1)...]
        switch String(decoding: text[..<end], as: UTF8.self).lowercased() {
        case "https": return hasHost(rest) ? .page(isSecret: true) : .none
        case "http": return hasHost(rest) ? .page(isSecret: false) : .none
        case "mailto": return rest.isEmpty ? .none : .mail
        default: return .none
        }
    }

    private static func hasHost(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.starts(with: "//".utf8) && rest.dropFirst(2).first.map { !"/?#:@%".utf8.contains($0) } == true
    }

    /// Whether an address begins with the desk's own, and not with one that merely looks like it.
    private static func leads(_ text: [UInt8], to home: String) -> Bool {
        let home = Array(home.lowercased().utf8)
        guard !home.isEmpty, text.count >= home.count else { return false }
        let beginning = String(decoding: text[..<home.count], as: UTF8.self).lowercased()
        return Array(beginning.utf8) == home && (text.count == home.count || "/?#".utf8.contains(text[home.count]))
    }

    /// Everything that is no plain character of an address stands there in percent: blanks, quotes, brackets, backslashes, which browsers
    /// take for slashes, and all that is not ASCII.
    private static func encoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte.isLetter || byte.isDigit || "-._~:/?#[]@!$&()*+,;=%".utf8.contains(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return out
    }
}
