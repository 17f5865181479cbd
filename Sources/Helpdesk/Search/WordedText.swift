/// A text cut into its words, for a snippet of it. Places in it are bytes.
struct WordedText: Sendable {
    /// How much of a text is looked at: a snippet of what stands behind that is not made.
    static let most = 16_384

    let bytes: [UInt8]
    let words: [Range<Int>]

    init(_ text: String) {
        var text = text
        bytes = text.withUTF8 { utf8 in
            var end = min(utf8.count, Self.most)
            // The character that begins before the end stays whole.
            while end < utf8.count, utf8[end] & 0xC0 == 0x80 { end += 1 }
            return Array(utf8[..<end])
        }
        words = Self.words(of: bytes)
    }

    private static func words(of bytes: [UInt8]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        var place = 0
        while place < bytes.count {
            let isPart: Bool
            var next = place + 1
            if bytes[place] < 0x80 {
                isPart = isPartOfWord(bytes[place])
            } else {
                while next < bytes.count, bytes[next] & 0xC0 == 0x80 { next += 1 }
                isPart = isPartOfWord(String(decoding: bytes[place..<next], as: UTF8.self).unicodeScalars.first ?? " ")
            }
            if isPart {
                start = start ?? place
            } else if let begun = start {
                words.append(begun..<place)
                start = nil
            }
            place = next
        }
        if let start { words.append(start..<bytes.count) }
        return words
    }

    /// A word with English capitals as small letters, by which it is known; all else PostgreSQL folds.
    func key(of word: Range<Int>) -> [UInt8] {
        bytes[word].map(Self.small)
    }

    static func small(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark,
            .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
