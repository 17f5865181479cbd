/// How a snippet is cut from a text whose marked words are known.
extension Snippet {
    /// How many words it has, and how many bytes of text at most, however long these are.
    private static let (words, longest) = (24, 1_200)

    /// The part of a text with the most different marked words, the first of equals. Nil when it has none.
    init?(_ text: WordedText, marking marked: MarkedWords) {
        let marks = text.words.indices.compactMap { index in
            marked.number(of: text.words[index], in: text).map { Mark(index: index, word: $0) }
        }
        guard let part = Self.best(marks, of: text.words.count) else { return nil }
        self.init(text, part, Set(marks.map(\.index)))
    }

    private struct Mark {
        /// Which word of the text it is.
        var index: Int
        /// Which of the marked words.
        var word: Int
    }

    /// Which words the snippet has: the best of those that begin with a mark, moved so that something stands before it.
    private static func best(_ marks: [Mark], of count: Int) -> Range<Int>? {
        var best: (score: (Int, Int), part: Range<Int>)?
        for (position, first) in marks.enumerated() {
            let within = marks[position...].prefix { $0.index < first.index + words }
            let score = (Set(within.map(\.word)).count, within.count)
            if score > best?.score ?? (0, 0) { best = (score, first.index..<within[within.endIndex - 1].index + 1) }
        }
        guard let marked = best?.part else { return nil }
        let start = max(0, min(marked.lowerBound - (words - marked.count) / 2, count - words))
        return start..<min(count, start + words)
    }

    private init(_ text: WordedText, _ part: Range<Int>, _ marks: Set<Int>) {
        let isWhole = (begins: part.lowerBound == 0, ends: part.upperBound == text.words.count)
        let begin = isWhole.begins ? 0 : text.words[part.lowerBound].lowerBound
        let end = isWhole.ends ? text.bytes.count : text.words[part.upperBound - 1].upperBound
        var html: [UInt8] = isWhole.begins ? [] : Array("…".utf8)
        var place = begin
        for index in part where marks.contains(index) && text.words[index].upperBound - begin <= Self.longest {
            Self.escape(text.bytes[place..<text.words[index].lowerBound], into: &html)
            html += "<mark>".utf8
            Self.escape(text.bytes[text.words[index]], into: &html)
            html += "</mark>".utf8
            place = text.words[index].upperBound
        }
        let last = max(place, min(end, begin + Self.longest))
        Self.escape(text.bytes[place..<last].wholeScalars, into: &html)
        if last < end || !isWhole.ends { html += "…".utf8 }
        self.init(html: String(decoding: html, as: UTF8.self))
    }

    private static func escape(_ bytes: ArraySlice<UInt8>, into html: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "&"): html += "&amp;".utf8
            case UInt8(ascii: "<"): html += "&lt;".utf8
            case UInt8(ascii: ">"): html += "&gt;".utf8
            case UInt8(ascii: "\""): html += "&quot;".utf8
            case UInt8(ascii: "'"): html += "&#39;".utf8
            default: html.append(byte)
            }
        }
    }
}

extension ArraySlice<UInt8> {
    /// Without the beginning of a character at its end.
    fileprivate var wholeScalars: ArraySlice<UInt8> {
        guard let lead = lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return [] }
        let length = self[lead] < 0x80 ? 1 : self[lead] < 0xE0 ? 2 : self[lead] < 0xF0 ? 3 : 4
        return endIndex - lead < length ? self[..<lead] : self
    }
}
