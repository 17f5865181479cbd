import Loop

/// Who a page comes from, as a browser's `Origin` header writes it: `https://help.example.com:8443`.
struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// Scheme, host and port in lower case, without a port that the scheme has anyway.
    let description: String

    /// Reads `http` and `https` origins, and nothing after the port: no path, no name and password, no trailing slash.
    init?(_ text: some StringProtocol) {
        let lower = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: { lower.hasPrefix($0) }) else { return nil }
        let authority = lower.dropFirst(scheme.count)
        let hostEnd: Substring.Index
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]"),
                let address = IPAddress(String(authority[authority.index(after: authority.startIndex)..<close])), !address.isIPv4
            else { return nil }
            hostEnd = authority.index(after: close)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
            guard Self.isHost(authority[..<hostEnd]) else { return nil }
        }
        guard let port = Self.port(authority[hostEnd...], usual: scheme == "https://" ? 443 : 80) else { return nil }
        description = scheme + authority[..<hostEnd] + port
    }

    /// `:8443` for `:8443`, nothing for nothing and for the usual port, `nil` when it is no port.
    private static func port(_ text: Substring, usual: Int) -> String? {
        if text.isEmpty { return "" }
        guard text.first == ":", text.utf8.count <= 6, let number = Int(decimal: text.dropFirst()), (1...65535).contains(number) else {
            return nil
        }
        return number == usual ? "" : ":\(number)"
    }

    /// Letters, digits, `-` and `_` between dots. A name in another script is written in its `xn--` form, as browsers send it.
    private static func isHost(_ text: Substring) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
        }
    }
}

/// Whose pages may read our answers.
enum AllowedOrigins: Equatable, Sendable, CustomStringConvertible {
    case none
    case any
    case only([Origin])

    var description: String {
        switch self {
        case .none: ""
        case .any: "*"
        case .only(let origins): origins.map(\.description).joined(separator: ",")
        }
    }
}

/// Where people reach this server: what links in mail begin with. An origin and perhaps a path, no slash at its end.
struct PublicURL: Equatable, Sendable, CustomStringConvertible {
    let origin: Origin
    let path: String

    init?(_ text: String) {
        guard let scheme = text.firstIndex(of: ":"), let start = text.index(scheme, offsetBy: 3, limitedBy: text.endIndex) else {
            return nil
        }
        let pathStart = text[start...].firstIndex(of: "/") ?? text.endIndex
        guard let origin = Origin(text[..<pathStart]) else { return nil }
        var path = text[pathStart...]
        while path.last == "/" { path.removeLast() }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else { return nil }
        self.origin = origin
        self.path = String(path)
    }

    var description: String { origin.description + path }
    var isEncrypted: Bool { origin.description.hasPrefix("https://") }
}
