internal import Storage

/// Which words of some texts PostgreSQL finds for a search. It knows that a word is another form of the one that was asked for, and is asked
/// of each different word once: to have it make the snippets (`ts_headline`) takes it a good part of a millisecond for each text.
struct MarkedWords {
    /// Numbered, so that a snippet can tell different words from the same one again.
    private var numbers: [[UInt8]: Int] = [:]
    /// The first bytes of these words: most words of a text are known by theirs not to be marked.
    private var firsts: Set<UInt8> = []

    var count: Int { numbers.count }

    /// How many different words are asked for, and how long each may be; a longer one is marked in no snippet.
    private static let (most, longest) = (1_000, 256)

    /// - Parameter match: a word is marked when it is one of these, or one of a phrase of these.
    init(of texts: [WordedText], _ match: TextMatch, _ db: Connection) async throws {
        let wanted = match.singleWords
        guard !wanted.isEmpty else { return }
        let candidates = Self.candidates(in: texts, for: wanted)
        guard !candidates.isEmpty else { return }
        let list = String(decoding: Array(candidates.joined(separator: [UInt8(ascii: " ")])), as: UTF8.self)
        let found = try await db.all(
            """
            SELECT w.word FROM unnest(string_to_array(\(list), ' ')) w (word) WHERE search_vector(w.word) @@ \(TextMatch.any(wanted).tsquery)
            """
        ) { row in Array(row.text().utf8) }
        for word in found {
            numbers[word] = numbers.count
            if let first = word.first { firsts.insert(first) }
        }
    }

    /// The number of a word that is marked; nil for all others.
    func number(of word: Range<Int>, in text: WordedText) -> Int? {
        guard word.count <= Self.longest, firsts.contains(WordedText.small(text.bytes[word.lowerBound])) else { return nil }
        return numbers[text.key(of: word)]
    }

    /// The different words that may be meant. A word's other forms begin with the same letter, as far as it is an English one: behind others
    /// there may be an accent that does not count.
    private static func candidates(in texts: [WordedText], for wanted: [TextMatch]) -> Set<[UInt8]> {
        let firsts = Set(wanted.compactMap { $0.text.utf8.first }.map { $0 | 0x20 })
        let isAnyWord = firsts.contains { $0 >= 0x80 }
        var candidates: Set<[UInt8]> = []
        for text in texts {
            for word in text.words where word.count <= longest {
                let first = text.bytes[word.lowerBound]
                guard isAnyWord || first >= 0x80 || firsts.contains(first | 0x20) else { continue }
                if candidates.count == most { return candidates }
                candidates.insert(text.key(of: word))
            }
        }
        return candidates
    }
}

extension TextMatch {
    /// Its words one by one, without those that must not be there.
    fileprivate var singleWords: [TextMatch] {
        switch self {
        case .word(let text), .phrase(let text): Self.words(of: text).map { .word($0) }
        case .beginning(let text):
            Self.words(of: text).dropLast().map { .word($0) } + Self.words(of: text).suffix(1).map { .beginning($0) }
        case .all(let parts), .any(let parts): parts.flatMap(\.singleWords)
        case .except(let left, _): left.singleWords
        case .requester: []
        }
    }

    private static func words(of text: String) -> [String] {
        let text = WordedText(text)
        return text.words.map { String(decoding: text.bytes[$0], as: UTF8.self) }
    }

    fileprivate var text: String {
        switch self {
        case .word(let text), .phrase(let text), .beginning(let text): text
        case .all, .any, .except, .requester: ""
        }
    }
}
