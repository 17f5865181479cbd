internal import CMark

/// What we do to a text between reading it and writing it as HTML.
enum MarkdownTree {
    /// Shows tags that somebody wrote as the text that they are, but for `<br>`, which is how a line ends in a table.
    static func showTags(in root: OpaquePointer?) {
        for node in nodes(in: root, where: { $0 == CMARK_NODE_HTML_BLOCK || $0 == CMARK_NODE_HTML_INLINE }) {
            let isBlock = cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK
            let literal = literal(of: node)
            let text = new(text: !isBlock && isLineBreak(literal) ? MarkdownMark.lineBreak.bytes : literal)
            if isBlock {
                let paragraph = cmark_node_new(CMARK_NODE_PARAGRAPH)
                cmark_node_append_child(paragraph, text)
                cmark_node_insert_before(node, paragraph)
            } else {
                cmark_node_insert_before(node, text)
            }
            cmark_node_free(node)
        }
    }

    /// Strikes out what stands between `~~` and `~~`: where the first sticks to what follows it and the second to what stands before it,
    /// as GFM has it, and both are in the same run of text.
    static func strike(in root: OpaquePointer?) {
        let texts = nodes(in: root, where: { $0 == CMARK_NODE_TEXT })
        var openings: [OpaquePointer: (text: Int, place: Int)] = [:]
        var struck: [Int: [(place: Int, mark: MarkdownMark)]] = [:]
        for (index, text) in texts.enumerated() {
            let bytes = literal(of: text)
            guard let parent = cmark_node_parent(text) else { continue }
            for mark in marks(in: bytes, follows: cmark_node_previous(text) != nil, goesOn: cmark_node_next(text) != nil) {
                if mark.closes, let opening = openings.removeValue(forKey: parent) {
                    struck[opening.text, default: []].append((opening.place, .strikeBegins))
                    struck[index, default: []].append((mark.place, .strikeEnds))
                } else if mark.opens {
                    openings[parent] = (index, mark.place)
                }
            }
        }
        for (index, marks) in struck { put(marks.sorted { $0.place < $1.place }, into: texts[index]) }
    }

    private static func put(_ marks: [(place: Int, mark: MarkdownMark)], into text: OpaquePointer) {
        let bytes = literal(of: text)
        var out: [UInt8] = []
        var start = 0
        for (place, mark) in marks {
            out += bytes[start..<place]
            out += mark.bytes
            start = place + 2
        }
        set(out + bytes[start...], of: text)
    }

    private struct Mark {
        let place: Int
        let opens: Bool
        let closes: Bool
    }

    /// The `~~` in a text that are no longer run.
    private static func marks(in bytes: [UInt8], follows: Bool, goesOn: Bool) -> [Mark] {
        let tilde = UInt8(ascii: "~")
        var marks: [Mark] = []
        var place = 0
        while place + 1 < bytes.count {
            guard bytes[place] == tilde else {
                place += 1
                continue
            }
            var end = place
            while end < bytes.count, bytes[end] == tilde { end += 1 }
            if end - place == 2 {
                let opens = end < bytes.count ? bytes[end] > 0x20 : goesOn
                let closes = place > 0 ? bytes[place - 1] > 0x20 : follows
                if opens || closes { marks.append(Mark(place: place, opens: opens, closes: closes)) }
            }
            place = end
        }
        return marks
    }

    // MARK: - Nodes

    /// The nodes of some types, in the text's order. They are gathered first, since an iterator does not bear that they change.
    private static func nodes(in root: OpaquePointer?, where isWanted: (cmark_node_type) -> Bool) -> [OpaquePointer] {
        var found: [OpaquePointer] = []
        let iterator = cmark_iter_new(root)
        defer { cmark_iter_free(iterator) }
        while true {
            let event = cmark_iter_next(iterator)
            if event == CMARK_EVENT_DONE { return found }
            guard event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) else { continue }
            if isWanted(cmark_node_get_type(node)) { found.append(node) }
        }
    }

    private static func literal(of node: OpaquePointer) -> [UInt8] {
        guard let text = cmark_node_get_literal(node) else { return [] }
        return Array(String(cString: text).utf8)
    }

    private static func new(text: [UInt8]) -> OpaquePointer? {
        let node = cmark_node_new(CMARK_NODE_TEXT)
        set(text, of: node)
        return node
    }

    private static func set(_ text: [UInt8], of node: OpaquePointer?) {
        // cmark copies it. There is no NUL in it: cmark has made another character of each.
        _ = cmark_node_set_literal(node, String(decoding: text, as: UTF8.self))
    }

    private static func isLineBreak(_ tag: [UInt8]) -> Bool {
        ["<br>", "<br/>", "<br />", "<BR>"].contains { tag.elementsEqual($0.utf8) }
    }
}

/// What we put into a text for the cleaner to make a tag of, in places where cmark would take no node of ours, such as a table's cell.
/// Characters that Unicode has set aside for a program's own use (noncharacters); those that come in are made others first.
enum MarkdownMark: UInt8, CaseIterable {
    case strikeBegins = 0x90
    case strikeEnds = 0x91
    case lineBreak = 0x92

    /// The bytes before the last, of all of them: U+FDD0 …
    static let lead: (UInt8, UInt8) = (0xEF, 0xB7)

    var bytes: [UInt8] { [Self.lead.0, Self.lead.1, rawValue] }

    /// The mark whose bytes begin there.
    static func at(_ place: Int, in bytes: [UInt8]) -> MarkdownMark? {
        guard place + 2 < bytes.count, bytes[place] == lead.0, bytes[place + 1] == lead.1 else { return nil }
        return MarkdownMark(rawValue: bytes[place + 2])
    }

    /// The text without its marks, and without those that come about when one is taken away.
    static func removed(from text: [UInt8]) -> [UInt8] {
        guard text.contains(lead.0) else { return text }
        var rest: [UInt8] = []
        rest.reserveCapacity(text.count)
        for byte in text {
            rest.append(byte)
            if rest.count >= 3, at(rest.count - 3, in: rest) != nil { rest.removeLast(3) }
        }
        return rest
    }
}
