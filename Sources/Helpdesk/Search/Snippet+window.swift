/// How a snippet is cut from a text whose marked words are known.
extension Snippet {
    /// How many words it has, and how many bytes of text at most, however long these are.
    private static let (words, longest) = (24, 1_200)

    /// The part of a text with the most different marked words, the first of equals. Nil when it has none.
    init?(_ text: WordedText, marking marked: MarkedWords) {
        let marks = text.words.indices.compactMap { index in
            marked.number(of: text.words[index], in: text).map { Mark(index: index, word: $0) }
        }
        guard let part = Self.best(marks, of: marked.count, in: text.words.count) else { return nil }
        self.init(text, part, Set(marks.map(\.index)))
    }

    private struct Mark {
        /// Which word of the text it is.
        var index: Int
        /// Which of the marked words.
        var word: Int
    }

    /// Which words the snippet has: the best of those that begin with a mark, moved so that something stands before it.
    private static func best(_ marks: [Mark], of different: Int, in count: Int) -> Range<Int>? {
        var best: (score: (Int, Int), part: Range<Int>)?
        // How often each word stands in the part that begins with `first`, which ends before the mark at `end`.
        var times = [Int](repeating: 0, count: different)
        var (standing, end) = (0, 0)
        for (position, first) in marks.enumerated() {
            while end < marks.count, marks[end].index < first.index + words {
                if times[marks[end].word] == 0 { standing += 1 }
                times[marks[end].word] += 1
                end += 1
            }
            let score = (standing, end - position)
            if score > best?.score ?? (0, 0) { best = (score, first.index..<marks[end - 1].index + 1) }
            times[first.word] -= 1
            if times[first.word] == 0 { standing -= 1 }
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
            HTMLText.escape(text.bytes[place..<text.words[index].lowerBound], to: &html)
            html += "<mark>".utf8
            HTMLText.escape(text.bytes[text.words[index]], to: &html)
            html += "</mark>".utf8
            place = text.words[index].upperBound
        }
        let last = max(place, min(end, begin + Self.longest))
        HTMLText.escape(text.bytes[place..<last].wholeScalars, to: &html)
        if last < end || !isWhole.ends { html += "…".utf8 }
        self.init(html: String(decoding: html, as: UTF8.self))
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
