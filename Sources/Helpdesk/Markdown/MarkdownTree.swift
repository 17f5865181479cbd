internal import CMark

/// What we do to a text between reading it and writing it as HTML.
enum MarkdownTree {
    /// Shows tags that somebody wrote as the text that they are, but for `<br>`, which is how a line ends in a table.
    static func showTags(in root: OpaquePointer?) {
        for node in nodes(in: root, where: { $0 == CMARK_NODE_HTML_BLOCK || $0 == CMARK_NODE_HTML_INLINE }) {
            let isBlock = cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK
            let literal = literal(of: node)
            let text: OpaquePointer?
            if !isBlock, isLineBreak(literal) {
                text = cmark_node_new(CMARK_NODE_LINEBREAK)
            } else {
                text = new(text: literal)
            }
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
        var openings: [OpaquePointer: OpaquePointer] = [:]
        for text in nodes(in: root, where: { $0 == CMARK_NODE_TEXT }) {
            let bytes = literal(of: text)
            let marks = marks(in: bytes, follows: cmark_node_previous(text) != nil, goesOn: cmark_node_next(text) != nil)
            guard !marks.isEmpty, let parent = cmark_node_parent(text) else { continue }
            var start = 0
            for mark in marks {
                if mark.place > start { cmark_node_insert_before(text, new(text: bytes[start..<mark.place])) }
                guard let tildes = new(text: bytes[mark.place..<mark.place + 2]) else { continue }
                cmark_node_insert_before(text, tildes)
                start = mark.place + 2
                if mark.closes, let opening = openings.removeValue(forKey: parent) {
                    wrap(from: opening, to: tildes)
                } else if mark.opens {
                    openings[parent] = tildes
                }
            }
            if start < bytes.count { cmark_node_insert_before(text, new(text: bytes[start...])) }
            cmark_node_free(text)
        }
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

    /// Puts all between two marks under an element, in place of the marks.
    private static func wrap(from opening: OpaquePointer?, to closing: OpaquePointer?) {
        let element = cmark_node_new(CMARK_NODE_CUSTOM_INLINE)
        cmark_node_set_on_enter(element, "<del>")
        cmark_node_set_on_exit(element, "</del>")
        cmark_node_insert_before(opening, element)
        var next = cmark_node_next(opening)
        while let node = next, node != closing {
            next = cmark_node_next(node)
            cmark_node_append_child(element, node)
        }
        cmark_node_free(opening)
        cmark_node_free(closing)
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

    private static func new(text: some Sequence<UInt8>) -> OpaquePointer? {
        let node = cmark_node_new(CMARK_NODE_TEXT)
        // cmark copies it. There is no NUL in it: cmark has made another character of each.
        _ = cmark_node_set_literal(node, String(decoding: Array(text), as: UTF8.self))
        return node
    }

    private static func isLineBreak(_ tag: [UInt8]) -> Bool {
        ["<br>", "<br/>", "<br />", "<BR>"].contains { tag.elementsEqual($0.utf8) }
    }
}
