/// An enumeration whose cases are words of the API. They are read in any case, with a blank or a hyphen for `_`, and by their aliases.
public protocol Word: CaseIterable, RawRepresentable, Sendable where RawValue == String {
    /// Other words that mean a case on input, in lower case with `_`.
    static var aliases: [String: Self] { get }
}

extension Word {
    public static var aliases: [String: Self] { [:] }

    /// The word that a text means, read as everywhere; nil when it is none.
    public init?(text: String) {
        guard let item = WordBook<Self>().item(for: text) else { return nil }
        self = item
    }
}

/// Finds a word's case. Nearly always the word is spelled as we write it, so that is tried first.
@usableFromInline struct WordBook<Item: Word>: Sendable {
    @usableFromInline let exact: [(word: String, item: Item)]
    @usableFromInline let folded: [String: Item]

    @usableFromInline init() {
        exact = Item.allCases.map { ($0.rawValue, $0) }
        var folded: [String: Item] = [:]
        for (alias, item) in Item.aliases { folded[WordBook.fold(alias)] = item }
        for (word, item) in exact { folded[WordBook.fold(word)] = item }
        self.folded = folded
    }

    @usableFromInline var words: [String] { exact.map(\.word) }

    @inlinable func item(for text: String) -> Item? {
        for entry in exact where entry.word == text { return entry.item }
        return folded[WordBook.fold(text)]
    }

    /// ASCII only: our words are, and a fold of all Unicode would let look-alikes through.
    @usableFromInline static func fold(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte -> UInt8 in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
                case UInt8(ascii: " "), UInt8(ascii: "-"): UInt8(ascii: "_")
                default: byte
                }
            }, as: UTF8.self)
    }
}

extension Kind {
    /// One word of an enumeration.
    @inlinable public static func word<Item: Word>(_ type: Item.Type) -> Kind<Item> {
        let book = WordBook<Item>()
        let fault = Fault.noWord(of: book.words)
        return Kind<Item>(
            .words(book.words),
            json: { (reader, reading) throws(JSONFault) in
                guard try reader.peek() == .string else { return try reading.refuse(fault, skipping: &reader) }
                return book.item(for: try reader.readString()) ?? reading.refuse(fault)
            },
            text: { text, reading in book.item(for: text) ?? reading.refuse(fault) },
            write: { item, writer in writer.value(item.rawValue) })
    }
}
