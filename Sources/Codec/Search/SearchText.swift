/// What somebody typed to search for, cut into its terms: words, `"phrases"`, `field:value`, and `-` before what shall not be there.
///
///     printer "out of paper" -toner status:open,pending assignee:"Bob Builder"
///
/// Nothing is refused here: a quote that is never closed ends with the text, and what only looks like a field (`12:30`, `https://…`)
/// is a word. Whether there is such a field, and what its values may be, is for whoever asks.
public struct SearchText: Sendable, Equatable {
    /// One term, and what stands before it.
    public struct Term: Sendable, Equatable {
        public enum Content: Sendable, Equatable {
            case word(String)
            case phrase(String)
            /// The name in lower case; the values, of which any will do, without their quotes. There is at least one; it may be empty.
            case field(name: String, values: [String])
        }

        public var content: Content
        /// Whether what it says shall not be there.
        public var isExcluded: Bool
        /// Which character it begins with; the first is 1.
        public var place: Int

        public init(_ content: Content, isExcluded: Bool = false, place: Int) {
            self.content = content
            self.isExcluded = isExcluded
            self.place = place
        }
    }

    public var terms: [Term]
    /// Whether the text ends in the midst of a word, which may go on.
    public var endsInWord: Bool

    public init(_ text: String) {
        var scanner = SearchScanner(text)
        terms = scanner.terms()
        endsInWord = false
        if let last = terms.last, case .word = last.content, !last.isExcluded { endsInWord = scanner.endsInWord }
    }

    /// Whether there is anything in a text that can be looked for: a letter or a digit of any script.
    public static func isWord(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.properties.isAlphabetic || $0.properties.numericType != nil }
    }
}

/// Goes through a text once, from its beginning.
private struct SearchScanner {
    private let characters: [Character]
    private var index = 0

    /// What a text holds beyond this is not read: no question needs it.
    private static let mostTerms = 64

    init(_ text: String) { characters = Array(text) }

    var endsInWord: Bool { characters.last.map { !$0.isWhitespace } ?? false }

    mutating func terms() -> [SearchText.Term] {
        var terms: [SearchText.Term] = []
        while terms.count < Self.mostTerms {
            skipBlanks()
            guard index < characters.count else { break }
            if let term = term() { terms.append(term) }
        }
        return terms
    }

    /// Nil for what holds nothing: a lone hyphen, an empty pair of quotes.
    private mutating func term() -> SearchText.Term? {
        let place = index + 1
        var isExcluded = false
        if characters[index] == "-" {
            index += 1
            isExcluded = true
            guard index < characters.count, !characters[index].isWhitespace else { return nil }
        }
        if characters[index] == "\"" {
            let phrase = quoted()
            return phrase.isEmpty ? nil : SearchText.Term(.phrase(phrase), isExcluded: isExcluded, place: place)
        }
        if let name = fieldName() {
            return SearchText.Term(.field(name: name, values: values()), isExcluded: isExcluded, place: place)
        }
        return SearchText.Term(.word(word()), isExcluded: isExcluded, place: place)
    }

    /// The name of a field and the colon behind it: ASCII letters and `_`, with something other than a slash behind the colon.
    private mutating func fieldName() -> String? {
        var end = index
        while end < characters.count, isNameCharacter(characters[end]) { end += 1 }
        guard end > index, end + 1 < characters.count, characters[end] == ":" else { return nil }
        let next = characters[end + 1]
        guard !next.isWhitespace, next != "/", next != ":" else { return nil }
        defer { index = end + 1 }
        return String(characters[index..<end]).lowercased()
    }

    private func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character == "_")
    }

    /// Values with commas between them, up to a blank.
    private mutating func values() -> [String] {
        var values: [String] = []
        while true {
            var value = ""
            if index < characters.count, characters[index] == "\"" { value = quoted() }
            while index < characters.count, !characters[index].isWhitespace, characters[index] != "," {
                value.append(characters[index])
                index += 1
            }
            values.append(value)
            guard index < characters.count, characters[index] == "," else { return values }
            index += 1
        }
    }

    /// What stands between the quote at hand and the next, or the end of the text.
    private mutating func quoted() -> String {
        index += 1
        let start = index
        while index < characters.count, characters[index] != "\"" { index += 1 }
        defer { if index < characters.count { index += 1 } }
        return String(characters[start..<index])
    }

    private mutating func word() -> String {
        let start = index
        while index < characters.count, !characters[index].isWhitespace, characters[index] != "\"" { index += 1 }
        return String(characters[start..<index])
    }

    private mutating func skipBlanks() {
        while index < characters.count, characters[index].isWhitespace { index += 1 }
    }
}
