/// The attributes that the cleaner gives its elements. Each is read from the tag that came in and written anew; there are no others.
enum HTMLAttributes {
    static func write(of tag: HTMLTag, as element: HTMLElement, home: String, to out: inout [UInt8]) {
        switch element {
        case .a: link(tag, home, &out)
        case .code: language(tag, &out)
        case .ol: number(tag, &out)
        case .th, .td: alignment(tag, &out)
        default: break
        }
    }

    static func write(ofPicture tag: HTMLTag, at address: HTMLAddress, to out: inout [UInt8]) {
        put("src", address.text, &out)
        put("alt", words(tag["alt"] ?? []), &out)
        title(tag, &out)
        out += #" loading="lazy" referrerpolicy="no-referrer""#.utf8
    }

    private static func link(_ tag: HTMLTag, _ home: String, _ out: inout [UInt8]) {
        guard let value = tag["href"], let address = HTMLAddress(value, for: .link, home: home) else { return }
        put("href", address.text, &out)
        title(tag, &out)
        if address.isForeign { out += #" rel="nofollow noopener noreferrer""#.utf8 }
    }

    /// A title of which nothing can be written is none.
    private static func title(_ tag: HTMLTag, _ out: inout [UInt8]) {
        let title = words(tag["title"] ?? [])
        if !title.isEmpty { put("title", title, &out) }
    }

    private static func language(_ tag: HTMLTag, _ out: inout [UInt8]) {
        let prefix = "language-"
        guard let value = tag["class"], value.starts(with: prefix.utf8), value.count <= 40 else { return }
        let name = value.dropFirst(prefix.utf8.count)
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isDigit || "+#._-".utf8.contains($0) }) else { return }
        put("class", value, &out)
    }

    private static func number(_ tag: HTMLTag, _ out: inout [UInt8]) {
        guard let value = tag["start"], (1...9).contains(value.count), value.allSatisfy(\.isDigit) else { return }
        put("start", value, &out)
    }

    private static func alignment(_ tag: HTMLTag, _ out: inout [UInt8]) {
        guard let value = tag["align"], ["left", "center", "right"].contains(where: { value.elementsEqual($0.utf8) }) else { return }
        put("align", value, &out)
    }

    private static func put(_ name: String, _ value: [UInt8], _ out: inout [UInt8]) {
        out += " \(name)=\"".utf8
        HTMLText.escape(value, to: &out)
        out.append(UInt8(ascii: "\""))
    }

    /// What of a picture's or a link's words can be written: a picture's may have had something struck out, which no attribute can show.
    static func words(_ value: [UInt8]) -> [UInt8] { MarkdownMark.removed(from: value.filter(HTMLText.canHold)) }
}
