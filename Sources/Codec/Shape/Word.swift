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
    @usableFromInline let spellings: WordSpellings
    /// The case of each spelling.
    @usableFromInline let items: [Item]

    @usableFromInline init() {
        let known = Item.allCases.map { (word: $0.rawValue, item: $0) }
        let aliases = Item.aliases.map { (word: $0.key, item: $0.value) }
        spellings = WordSpellings(known.map(\.word), aliases: aliases.map(\.word))
        items = known.map(\.item) + aliases.map(\.item)
    }

    @usableFromInline var words: [String] { Item.allCases.map(\.rawValue) }

    @inlinable func item(for text: String) -> Item? { spellings.index(of: text).map { items[$0] } }

    @inlinable func item(for text: JSONText) -> Item? { spellings.index(of: text).map { items[$0] } }
}

/// The spellings of an enumeration's words, compared by their bytes. A text that is longer than all of them is not looked at.
@usableFromInline struct WordSpellings: Sendable {
    private let exact: [[UInt8]]
    private let folded: [[UInt8]]
    private let longest: Int

    @usableFromInline init(_ words: [String], aliases: [String]) {
        exact = (words + aliases).map { Array($0.utf8) }
        folded = exact.map { $0.map(WordSpellings.fold) }
        longest = exact.map(\.count).max() ?? 0
    }

    @usableFromInline func index(of text: String) -> Int? {
        var text = text
        return text.withUTF8 { index(of: UnsafeRawBufferPointer($0)) }
    }

    /// An escape takes six bytes for one at the most.
    @usableFromInline func index(of text: JSONText) -> Int? {
        text.rawBytes.count > longest * 6 ? nil : text.withMeaning { index(of: $0) }
    }

    private func index(of bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count <= longest else { return nil }
        return exact.firstIndex { $0.count == bytes.count && bytes.elementsEqual($0) }
            ?? folded.firstIndex { $0.count == bytes.count && bytes.lazy.map(WordSpellings.fold).elementsEqual($0) }
    }

    /// ASCII only: our words are, and a fold of all Unicode would let look-alikes through.
    private static func fold(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: " "), UInt8(ascii: "-"): UInt8(ascii: "_")
        default: byte
        }
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
                return book.item(for: try reader.readText()) ?? reading.refuse(fault)
            },
            text: { text, reading in book.item(for: text) ?? reading.refuse(fault) },
            write: { item, writer in writer.value(item.rawValue) })
    }
}
