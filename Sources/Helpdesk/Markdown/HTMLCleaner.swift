internal import Domain

/// Writes HTML anew, with nothing in it but what we know: elements and attributes of a short list, addresses that are harmless, text that is
/// escaped. It copies no tag: each is read, understood and written by us, and what is not understood is text or nothing.
///
/// What comes out is balanced, no deeper and no longer than the rules say, and made in one pass.
public struct HTMLCleaner {
    private let bytes: [UInt8]
    private let rules: HTMLRules
    private var at = 0
    private var out: [UInt8] = []
    private var open: [HTMLElement] = []
    /// How many elements are open beyond the depth that is written.
    private var tooDeep = 0
    /// The end of comments was looked for, and there is none from here on.
    private var hasNoCommentEnd = false
    private var heading: HeadingInMaking?
    private var ids: Set<String> = []

    public static func clean(_ html: [UInt8], _ rules: HTMLRules) -> [UInt8] {
        var cleaner = HTMLCleaner(html, rules)
        cleaner.run()
        return cleaner.out
    }

    private init(_ bytes: [UInt8], _ rules: HTMLRules) {
        self.bytes = bytes
        self.rules = rules
        out.reserveCapacity(bytes.count + bytes.count / 4)
    }

    private mutating func run() {
        while at < bytes.count, out.count < rules.mostBytes {
            let end = bytes[at...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
            text(at..<end)
            at = end
            if at < bytes.count { markup() }
        }
        while !open.isEmpty { closeLast() }
    }

    // MARK: - What stands there

    private mutating func text(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let words = HTMLText.resolved(bytes[range])
        guard takesText || words.allSatisfy({ $0 <= 0x20 }) else { return }
        write(words)
    }

    /// Writes text, and the tags that our own marks in it stand for.
    private mutating func write(_ words: [UInt8]) {
        var start = 0
        while let place = words[start...].firstIndex(of: MarkdownMark.lead.0) {
            let mark = MarkdownMark.at(place, in: words)
            put(words[start..<(mark == nil ? place + 1 : place)])
            start = mark == nil ? place + 1 : place + 3
            switch mark {
            case .strikeBegins?: begin(HTMLTag(name: "del"))
            case .strikeEnds?: end("del")
            case .lineBreak?: begin(HTMLTag(name: "br"))
            case nil: break
            }
        }
        put(words[start...])
    }

    private mutating func put(_ words: ArraySlice<UInt8>) {
        HTMLText.escape(words, to: &out)
        // What is not written is no part of the heading's name either.
        if heading != nil { heading?.words += words.filter(HTMLText.canHold) }
    }

    /// Whether text may stand here. Between the parts of a table or a list only blanks may, since a browser would move all else.
    private var takesText: Bool {
        open.last.map { ![.table, .thead, .tbody, .tr, .ul, .ol, .dl].contains($0) } ?? true
    }

    /// A `<` that begins nothing that we know.
    private mutating func bareBracket() {
        if takesText { put([UInt8(ascii: "<")]) }
    }

    private mutating func markup() {
        let start = at
        at += 1
        if at < bytes.count, bytes[at] == UInt8(ascii: "!") { return comment(from: start) }
        if at < bytes.count, bytes[at] == UInt8(ascii: "/") {
            at += 1
            if let name = endTag() { return end(name) }
        } else if let tag = HTMLTag.read(bytes, at: &at) {
            return begin(tag)
        }
        at = start + 1
        bareBracket()
    }

    private mutating func comment(from start: Int) {
        if bytes[start...].starts(with: "<!--".utf8), !hasNoCommentEnd {
            if let end = place(of: Array("-->".utf8), from: start + 2) {
                at = end + 3
                return
            }
            hasNoCommentEnd = true
        }
        at = start + 1
        bareBracket()
    }

    private mutating func endTag() -> String? {
        var place = at
        guard let name = HTMLTag.name(in: bytes, at: &place) else { return nil }
        while place < bytes.count, bytes[place] != UInt8(ascii: ">"), bytes[place] != UInt8(ascii: "<") { place += 1 }
        guard place < bytes.count, bytes[place] == UInt8(ascii: ">") else { return nil }
        at = place + 1
        return name
    }

    private func place(of pattern: [UInt8], from start: Int) -> Int? {
        var place = start
        while place + pattern.count <= bytes.count {
            guard let next = bytes[place...].firstIndex(of: pattern[0]), next + pattern.count <= bytes.count else { return nil }
            if bytes[next..<next + pattern.count].elementsEqual(pattern) { return next }
            place = next + 1
        }
        return nil
    }

    // MARK: - Elements

    private mutating func begin(_ tag: HTMLTag) {
        if HTMLElement.unspeakable.contains(tag.name) { return skipContent(of: tag.name) }
        if tag.name == "input" { return checkbox(tag) }
        guard var element = HTMLElement(rawValue: tag.name) else { return }
        if let level = element.level { element = .heading(level + rules.headingShift) }
        if element == .a, let inner = open.lastIndex(of: .a) { close(through: inner) }
        if element.isVoid { return write(element, tag) }
        guard open.count < rules.mostDepth, tooDeep == 0 else {
            tooDeep += 1
            return
        }
        if let parents = element.parents, open.last.map(parents.contains) != true { return }
        write(element, tag)
        open.append(element)
    }

    private mutating func end(_ name: String) {
        guard var element = HTMLElement(rawValue: name), !element.isVoid else { return }
        if let level = element.level { element = .heading(level + rules.headingShift) }
        if tooDeep > 0 {
            tooDeep -= 1
        } else if let place = open.lastIndex(of: element) {
            close(through: place)
        }
    }

    private mutating func close(through place: Int) {
        while open.count > place { closeLast() }
    }

    private mutating func closeLast() {
        let element = open.removeLast()
        if element.isHeading { finishHeading() }
        out += "</\(element.rawValue)>".utf8
    }

    /// Passes over an element with all that is in it. One that does not end takes the rest with it.
    private mutating func skipContent(of name: String) {
        if name == "embed" { return }
        let end = Array("</\(name)".utf8)
        var place = at
        while let next = bytes[place...].firstIndex(of: UInt8(ascii: "<")) {
            let tag = bytes[next...].prefix(end.count)
            let isEnd = tag.elementsEqual(end) { $0 == $1 || ($0.isLetter && ($0 | 0x20) == $1) }
            let behind = next + end.count
            if isEnd, behind >= bytes.count || !(bytes[behind].isLetter || bytes[behind].isDigit) {
                at = bytes[behind...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? bytes.count
                return
            }
            place = next + 1
        }
        at = bytes.count
    }

    /// What is to be done is shown by a character: it can be read anywhere, and there is nothing to press.
    private mutating func checkbox(_ tag: HTMLTag) {
        guard let type = tag["type"], String(decoding: type, as: UTF8.self).lowercased() == "checkbox" else { return }
        if takesText { put(Array((tag["checked"] == nil ? "\u{2610}" : "\u{2611}").utf8)[...]) }
    }
}

extension HTMLCleaner {
    // MARK: - Tags as we write them

    private mutating func write(_ element: HTMLElement, _ tag: HTMLTag) {
        if element == .img { return picture(tag) }
        out += "<\(element.rawValue)".utf8
        HTMLAttributes.write(of: tag, as: element, home: rules.home, to: &out)
        if element.isHeading { heading = HeadingInMaking(place: out.count) }
        out += ">".utf8
    }

    /// A picture, or in place of one that may not be shown the words that stand for it.
    private mutating func picture(_ tag: HTMLTag) {
        guard let value = tag["src"], let address = HTMLAddress(value, for: .picture, home: rules.home) else {
            if takesText { put(HTMLAttributes.words(tag["alt"] ?? [])[...]) }
            return
        }
        out += "<img".utf8
        HTMLAttributes.write(ofPicture: tag, at: address, to: &out)
        out += ">".utf8
    }

    // MARK: - Headings

    /// A heading whose words are not all known yet.
    struct HeadingInMaking {
        /// Where its id goes.
        let place: Int
        var words: [UInt8] = []
    }

    /// Gives a heading an id made of its words. It begins with `h-`, so that it is never the name of something that a script looks for.
    private mutating func finishHeading() {
        defer { heading = nil }
        guard rules.namesHeadings, let heading, ids.count < 500 else { return }
        let base = "h-\(Slug.from(String(decoding: heading.words.prefix(400), as: UTF8.self), fallback: "section"))"
        var id = base
        var number = 2
        while !ids.insert(id).inserted {
            id = "\(base)-\(number)"
            number += 1
        }
        out.insert(contentsOf: " id=\"\(HTMLText.escaped(id))\"".utf8, at: heading.place)
    }

    /// The words alone, with single blanks between them. Blocks stand on lines of their own already.
    static func words(of html: [UInt8]) -> String {
        let clean = clean(html, HTMLRules(home: ""))
        var out: [UInt8] = []
        var isInTag = false
        for byte in clean {
            switch byte {
            case UInt8(ascii: "<"): isInTag = true
            case UInt8(ascii: ">") where isInTag: isInTag = false
            case 0x00...0x20:
                if !isInTag, out.last != 0x20, !out.isEmpty { out.append(0x20) }
            default: if !isInTag { out.append(byte) }
            }
        }
        if out.last == 0x20 { out.removeLast() }
        return String(decoding: HTMLText.resolved(out[...]), as: UTF8.self)
    }
}
