/// Reads HTML as strictly as it can be read, with rules of its own, and says what about it is not as ours must be.
struct HTMLInspector {
    private(set) var fault: String?
    private var rest: Substring
    private var open: [String] = []

    private static let attributes: [String: Set<String>] = [
        "a": ["href", "title", "rel"], "img": ["src", "alt", "title", "loading", "referrerpolicy"], "code": ["class"], "ol": ["start"],
        "th": ["align"], "td": ["align"], "h1": ["id"], "h2": ["id"], "h3": ["id"], "h4": ["id"], "h5": ["id"], "h6": ["id"],
    ]
    private static let plain: Set<String> = [
        "p", "br", "hr", "blockquote", "ul", "li", "pre", "em", "strong", "del", "table", "thead", "tbody", "tr", "b", "i", "u", "s", "sub",
        "sup", "kbd", "dl", "dt", "dd",
    ]
    private static let references = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#96;"]

    init(_ html: String) {
        // Byte by byte, since an accent that follows a `;` would make another character of it. What is not ASCII is one odd character.
        rest = String(decoding: html.utf8.map { $0 < 0x80 ? $0 : 0x7F }, as: UTF8.self)[...]
        while fault == nil, let next = rest.unicodeScalars.first {
            switch next {
            case "<": tag()
            case "&":
                if !Self.references.contains(where: { rest.hasPrefix($0) }) {
                    fault = "a bare &"
                } else {
                    rest.unicodeScalars.removeFirst()
                }
            case ">", "\"", "\0": fault = "a bare \(next.value)"
            default: rest.unicodeScalars.removeFirst()
            }
        }
        if fault == nil, !open.isEmpty { fault = "\(open) not closed" }
    }

    private mutating func tag() {
        guard let end = rest.unicodeScalars.firstIndex(of: ">") else { return fault = "a bare <" }
        let inner = rest.unicodeScalars[rest.unicodeScalars.index(after: rest.startIndex)..<end]
        let text = String(inner)
        rest = rest[rest.unicodeScalars.index(after: end)...]
        if text.hasPrefix("/") {
            if open.popLast() != String(text.dropFirst()) { fault = "</\(text.dropFirst())> closes something else" }
            return
        }
        let name = String(text.prefix { $0 != " " })
        guard Self.plain.contains(name) || Self.attributes[name] != nil else { return fault = "<\(name)>" }
        if !["br", "hr", "img"].contains(name) { open.append(name) }
        if open.count > 64 { fault = "too deep" }
        attributes(text.dropFirst(name.count), of: name)
    }

    private mutating func attributes(_ text: Substring, of element: String) {
        var text = text
        while !text.isEmpty {
            guard text.first == " ", let equals = text.firstIndex(of: "=") else { return fault = "attributes: \(text)" }
            let name = String(text[text.index(after: text.startIndex)..<equals])
            let quoted = text[text.index(after: equals)...]
            guard quoted.first == "\"", let end = quoted.dropFirst().firstIndex(of: "\"") else { return fault = "a value without quotes" }
            let value = String(quoted[quoted.index(after: quoted.startIndex)..<end])
            guard Self.attributes[element]?.contains(name) == true else { return fault = "\(element) \(name)" }
            check(name, value)
            text = quoted[quoted.index(after: end)...]
        }
    }

    private mutating func check(_ name: String, _ value: String) {
        if value.contains("<") { fault = "a < in a value" }
        for piece in value.split(separator: "&", omittingEmptySubsequences: false).dropFirst()
        where !Self.references.contains(where: { "&\(piece)".hasPrefix($0) }) {
            fault = "a bare & in a value"
        }
        if name == "class", !value.hasPrefix("language-") { fault = "class \(value)" }
        if name == "id", !value.hasPrefix("h-") { fault = "id \(value)" }
        guard name == "href" || name == "src" else { return }
        if value.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x5C }) { fault = "an address with odd characters" }
        let plain = value.replacing("&amp;", with: "&").replacing("&#39;", with: "'").lowercased()
        if plain.hasPrefix("//") { return fault = "an address without a scheme" }
        let scheme = plain.prefix { !":/?#".contains($0) }
        guard plain.dropFirst(scheme.count).first == ":" else { return }
        let allowed = name == "src" ? ["https"] : ["https", "http", "mailto"]
        if !allowed.contains(String(scheme)) { fault = "scheme \(scheme)" }
    }

}

extension String {
    fileprivate func replacing(_ text: String, with other: String) -> String {
        var out = ""
        var rest = self[...]
        while let next = rest.first {
            if rest.hasPrefix(text) {
                out += other
                rest = rest.dropFirst(text.count)
            } else {
                out.append(next)
                rest = rest.dropFirst()
            }
        }
        return out
    }
}
